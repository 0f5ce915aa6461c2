import fc from 'fast-check';
import { expect, test } from 'vitest';
import { distributionOf, median, medianDistribution } from './statistics.ts';

test('the median is the middle value, or the mean of the two in the middle', () => {
  expect(median([30, 10, 20])).toBe(20);
  expect(median([40, 10, 30, 20])).toBe(25);
});

test('percentiles are values that occur, by the nearest rank', () => {
  const upTo = (count: number) => Array.from({ length: count }, (_, index) => count - index);
  expect(distributionOf(upTo(100))).toEqual({ p50: 50, p99: 99, max: 100 });
  expect(distributionOf(upTo(1000))).toEqual({ p50: 500, p99: 990, max: 1000 });
  expect(distributionOf([7])).toEqual({ p50: 7, p99: 7, max: 7 });
});

test('as many values as it says are not above a percentile', () => {
  fc.assert(
    fc.property(fc.array(fc.integer(), { minLength: 1 }), (values) => {
      const { p50, p99, max } = distributionOf(values);
      const share = (limit: number) =>
        values.filter((value) => value <= limit).length / values.length;
      expect(share(p50)).toBeGreaterThanOrEqual(0.5);
      expect(share(p99)).toBeGreaterThanOrEqual(0.99);
      expect(max).toBe(Math.max(...values));
    }),
  );
});

test('distributions are combined percentile by percentile', () => {
  const distributions = [
    { p50: 1, p99: 30, max: 300 },
    { p50: 2, p99: 10, max: 100 },
    { p50: 3, p99: 20, max: 200 },
  ];
  expect(medianDistribution(distributions)).toEqual({ p50: 2, p99: 20, max: 200 });
});

test('there are no statistics of no values', () => {
  expect(() => median([])).toThrow(RangeError);
  expect(() => distributionOf([])).toThrow(RangeError);
});
