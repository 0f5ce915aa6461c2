import { expect, test } from 'vitest';
import { type SentWrite, Traffic } from './traffic.ts';

const write = { by: '0.1', at: 0, namespace: 'shop', what: 'PATCH secrets', object: 'web' };

function complaintsOf(writes: readonly SentWrite[], traffic = new Traffic()): string[] {
  return writes.flatMap((each) => traffic.take(each));
}

test('a process that was taken over from must not write again', () => {
  const other = { ...write, by: '1.1', at: 1 };
  expect(complaintsOf([write, other, { ...other, at: 2 }])).toEqual([]);
  expect(complaintsOf([write, other, { ...write, at: 2 }])).toEqual([
    'process 0.1 wrote after another had taken over',
  ]);
});

test('where the Lease was deleted, the leader has until its deadline to notice', () => {
  const traffic = new Traffic();
  traffic.leaseDeleted(0);
  const other = { ...write, by: '1.1', at: 1 };
  expect(complaintsOf([write, other, { ...write, at: 2 }], traffic)).toEqual([]);
  expect(
    complaintsOf(
      [
        { ...other, at: 5000 },
        { ...write, at: 5001 },
      ],
      traffic,
    ),
  ).toHaveLength(1);
});

test('an object that is written again and again is told of once a burst', () => {
  const often = Array.from({ length: 100 }, (_, index) => ({ ...write, at: index }));
  expect(complaintsOf(often)).toEqual(['PATCH secrets of shop/web again and again']);
  const seldom = Array.from({ length: 100 }, (_, index) => ({ ...write, at: index * 100 }));
  expect(complaintsOf(seldom)).toEqual([]);
});

test('where the Lease was deleted, each of the two is counted for itself', () => {
  const both = Array.from({ length: 100 }, (_, at) => ({ ...write, by: `${at % 2}.1`, at }));
  const contested = () => {
    const traffic = new Traffic();
    traffic.leaseDeleted(0);
    return traffic;
  };
  expect(complaintsOf(both, contested())).toEqual([]);
  const often = Array.from({ length: 100 }, (_, at) => ({ ...write, at }));
  expect(complaintsOf(often, contested())).toEqual(['PATCH secrets of shop/web again and again']);
});
