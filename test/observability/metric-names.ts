import { createMetrics } from '../../src/telemetry/metrics.ts';

const KEYWORDS = new Set(['and', 'or', 'unless', 'bool', 'offset']);
/** What stands in an expression beside functions and names of metrics. */
const ASIDES = [
  /"[^"]*"/g,
  /\{[^}]*\}/g,
  /\[[^\]]*\]/g,
  /\b(?:by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)/g,
];

/** The names of the metrics in a PromQL expression. */
export function metricsIn(expression: string): string[] {
  const bare = ASIDES.reduce((text, aside) => text.replaceAll(aside, ' '), expression);
  const names = bare.match(/[a-zA-Z_:][\w:]*\b(?!\s*\()/g) ?? [];
  return [...new Set(names.filter((name) => !KEYWORDS.has(name)))];
}

/** The metric that a series is of: histograms have several. */
export function familyOf(series: string): string {
  return series.replace(/_(?:bucket|sum|count)$/, '');
}

/** Every metric that the operator can tell. */
export function registeredMetrics(): ReadonlySet<string> {
  const { registry } = createMetrics({
    concurrency: 1,
    census: () => {
      throw new Error('nothing is collected');
    },
    providers: () => [],
    queue: () => ({ depth: 0, unfinishedSeconds: 0, longestRunningSeconds: 0 }),
    clockSkew: () => undefined,
    isLeader: () => false,
  });
  return new Set(registry.getMetricsAsArray().map(({ name }) => name));
}
