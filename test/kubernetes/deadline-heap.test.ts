import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DeadlineHeap } from '../../src/kubernetes/deadline-heap.ts';

const change = fc.record({
  key: fc.nat(40).map(String),
  at: fc.option(fc.nat(50), { nil: undefined, freq: 3 }),
});

test('whatever is set, replaced and removed, the earliest comes first', () => {
  fc.assert(
    fc.property(fc.array(change, { size: 'large' }), (changes) => {
      const heap = new DeadlineHeap();
      const expected = new Map<string, number>();
      for (const { key, at } of changes) {
        if (at === undefined) {
          heap.delete(key);
          expected.delete(key);
        } else {
          heap.set(key, at);
          expected.set(key, at);
        }
        expect(heap.earliest).toBe(Math.min(...expected.values()));
        expect(heap.get(key)).toBe(at);
      }
      const times: number[] = [];
      for (;;) {
        const { earliest } = heap;
        const key = heap.takeDue(50);
        if (key === undefined) break;
        expect(expected.get(key)).toBe(earliest);
        expected.delete(key);
        times.push(earliest);
      }
      expect(times).toEqual(times.toSorted((a, b) => a - b));
      expect(expected.size).toBe(0);
    }),
  );
});

test('what is not due stays', () => {
  const heap = new DeadlineHeap();
  heap.set('a', 10);
  expect(heap.takeDue(9)).toBeUndefined();
  expect(heap.takeDue(10)).toBe('a');
  expect(heap.earliest).toBe(Number.POSITIVE_INFINITY);
});

test('the keys later than a time are told, those at it are not', () => {
  const heap = new DeadlineHeap();
  for (const [key, at] of [
    ['a', 10],
    ['b', 30],
    ['c', 20],
    ['d', 40],
  ] as const)
    heap.set(key, at);
  expect(heap.laterThan(20).toSorted()).toEqual(['b', 'd']);
  expect(heap.laterThan(40)).toEqual([]);
});
