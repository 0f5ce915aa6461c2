import { expect, test } from 'vitest';
import { type SentWrite, Traffic } from './traffic.ts';

const write: SentWrite = {
  by: '0.1',
  at: 0,
  namespace: 'shop',
  what: 'PATCH secrets',
  object: 'web',
  contested: false,
};

function complaintsOf(writes: readonly SentWrite[]): string[] {
  const traffic = new Traffic();
  return writes.flatMap((each) => traffic.take(each));
}

test('a process that was taken over from must not write again', () => {
  const other = { ...write, by: '1.1', at: 1 };
  expect(complaintsOf([write, other, { ...other, at: 2 }])).toEqual([]);
  expect(complaintsOf([write, other, { ...write, at: 2 }])).toEqual([
    'process 0.1 wrote after another had taken over',
  ]);
});

test('what is sent while two may be the leader tells nothing of who is', () => {
  const other = { ...write, by: '1.1', at: 1 };
  const straggler = { ...write, at: 2, contested: true };
  expect(complaintsOf([write, other, straggler, { ...other, at: 3 }])).toEqual([]);
  const contested = Array.from({ length: 50 }, (_, at) => [
    { ...write, at, contested: true },
    { ...other, at, contested: true },
  ]).flat();
  expect(complaintsOf(contested)).toEqual([]);
  expect(complaintsOf([...contested, { ...write, at: 50 }, { ...other, at: 51 }])).toEqual([]);
});

test('an object that is written again and again is told of once a burst', () => {
  const often = Array.from({ length: 100 }, (_, index) => ({ ...write, at: index }));
  expect(complaintsOf(often)).toEqual(['PATCH secrets of shop/web again and again']);
  const seldom = Array.from({ length: 100 }, (_, index) => ({ ...write, at: index * 100 }));
  expect(complaintsOf(seldom)).toEqual([]);
});
