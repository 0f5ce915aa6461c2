/** The middle value, or the mean of the two in the middle. Throws RangeError on no values. */
export function median(values: readonly number[]): number {
  const sorted = ascending(values);
  const middle = (sorted.length - 1) / 2;
  return (valueAt(sorted, Math.floor(middle)) + valueAt(sorted, Math.ceil(middle))) / 2;
}

/** A distribution, in the unit of its values. */
export interface Distribution {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

/** Percentiles by the nearest rank. Throws RangeError on no values. */
export function distributionOf(values: readonly number[]): Distribution {
  const sorted = ascending(values);
  const percentile = (p: number) => valueAt(sorted, Math.ceil((p / 100) * sorted.length) - 1);
  return { p50: percentile(50), p99: percentile(99), max: percentile(100) };
}

/** The median of each percentile. Throws RangeError on no distributions. */
export function medianDistribution(distributions: readonly Distribution[]): Distribution {
  return {
    p50: median(distributions.map(({ p50 }) => p50)),
    p99: median(distributions.map(({ p99 }) => p99)),
    max: median(distributions.map(({ max }) => max)),
  };
}

function ascending(values: readonly number[]): number[] {
  return values.toSorted((a, b) => a - b);
}

function valueAt(sorted: readonly number[], index: number): number {
  const value = sorted[index];
  if (value === undefined) throw new RangeError('statistics of no values');
  return value;
}
