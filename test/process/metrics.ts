/** What an operator's /metrics says. */
export interface Metrics {
  readonly names: ReadonlySet<string>;
  readonly samples: readonly Sample[];
  /** The sum of the samples of a metric that carry the given labels; 0 where there is none. */
  value(name: string, labels?: Readonly<Record<string, string>>): number;
}

export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Reads the text format of Prometheus. */
export function parseMetrics(text: string): Metrics {
  const samples = [...text.matchAll(/^(\w+)(?:\{(.*)\})? (\S+)$/gm)].map(
    ([, name = '', labels = '', value]): Sample => ({
      name,
      labels: Object.fromEntries(
        [...labels.matchAll(/(\w+)="([^"]*)"/g)].map(([, key = '', label = '']) => [key, label]),
      ),
      value: Number(value),
    }),
  );
  return {
    names: new Set([...text.matchAll(/^# TYPE (\w+) /gm)].map(([, name = '']) => name)),
    samples,
    value: (name, labels = {}) =>
      samples
        .filter((sample) => sample.name === name)
        .filter((sample) => Object.entries(labels).every(([k, v]) => sample.labels[k] === v))
        .reduce((sum, sample) => sum + sample.value, 0),
  };
}
