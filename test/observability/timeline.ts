import type { Sample } from '../process/metrics.ts';

/** What each replica told at one time, by its name; one that is left out could not be scraped. */
export type Scrape = Readonly<Record<string, readonly Sample[]>>;

/** A scrape that was the same for a while, in minutes. */
export type Span = readonly [scrape: Scrape, minutes: number];

interface InputSeries {
  readonly series: string;
  readonly values: string;
}

export const INTERVAL_SECONDS = 30;

/** The labels that a ServiceMonitor gives to each replica's series. */
export const TARGET = { namespace: 'keyturn-system', job: 'keyturn-metrics' } as const;
const OF_TARGETS = new Set([
  'namespace',
  'job',
  'service',
  'endpoint',
  'pod',
  'container',
  'instance',
]);

/** What Prometheus would have scraped, of metrics with these names, as promtool takes it. */
export function inputSeries(spans: readonly Span[], names: ReadonlySet<string>): InputSeries[] {
  const times = spans.flatMap(([scrape, minutes]) =>
    Array.from({ length: (minutes * 60) / INTERVAL_SECONDS }, () => seriesOf(scrape, names)),
  );
  const all = new Set(times.flatMap((series) => [...series.keys()]));
  return [...all].map((series) => {
    const values = times.map((at) => at.get(series));
    return { series, values: values.map((value, at) => notation(value, values[at - 1])).join(' ') };
  });
}

/** The end of a series is told once. */
function notation(value: number | undefined, before: number | undefined): string {
  if (value !== undefined) return String(value);
  return before === undefined ? '_' : 'stale';
}

function seriesOf(scrape: Scrape, names: ReadonlySet<string>): ReadonlyMap<string, number> {
  const series = Object.entries(scrape).flatMap(([pod, samples]) =>
    samples
      .filter(({ name }) => names.has(name))
      .map(({ name, labels, value }): [string, number] => [
        name + labelText({ ...ownLabels(name, labels), ...TARGET, pod }),
        value,
      ]),
  );
  return new Map(series);
}

/** Prometheus would rename a label that its target has too. */
function ownLabels(name: string, labels: Sample['labels']): Sample['labels'] {
  const clash = Object.keys(labels).find((label) => OF_TARGETS.has(label));
  if (clash !== undefined) throw new Error(`${name} has the label ${clash}, as its target has`);
  return labels;
}

function labelText(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  return `{${pairs.join(',')}}`;
}
