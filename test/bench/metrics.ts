/** One line of a Prometheus exposition. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const LINE = /^(\w+)(?:\{(.*)\})? (\S+)$/;
const LABEL = /(\w+)="((?:[^"\\]|\\.)*)"/g;

/** Reads the samples of a Prometheus exposition; label values stay escaped. */
export function parseMetrics(text: string): Sample[] {
  const samples: Sample[] = [];
  for (const line of text.split('\n')) {
    const [, name, labels = '', value] = LINE.exec(line) ?? [];
    if (name === undefined) continue;
    const pairs = [...labels.matchAll(LABEL)].map(([, key = '', text = '']) => [key, text]);
    samples.push({ name, labels: Object.fromEntries(pairs), value: Number(value) });
  }
  return samples;
}

/** The sum of a metric over all its labels; 0 where it is not there. */
export function total(samples: readonly Sample[], name: string): number {
  return samples.reduce((sum, sample) => (sample.name === name ? sum + sample.value : sum), 0);
}

/** Requests by method and resource, as `PATCH secrets`. */
export type RequestCounts = Readonly<Record<string, number>>;

/** How many requests a process has sent to the API server, failed ones included. */
export function requestCounts(samples: readonly Sample[]): RequestCounts {
  const counts: Record<string, number> = {};
  for (const { name, labels, value } of samples) {
    if (name !== 'rest_client_requests_total') continue;
    const key = `${labels['method']} ${labels['resource']}`;
    counts[key] = (counts[key] ?? 0) + value;
  }
  return counts;
}

/** What was sent between two counts, without what was not. */
export function requestsBetween(before: RequestCounts, after: RequestCounts): RequestCounts {
  return Object.fromEntries(
    Object.entries(after)
      .map(([key, count]) => [key, count - (before[key] ?? 0)] as const)
      .filter(([, count]) => count !== 0),
  );
}

/** Requests by what they are for; writes are those of Secrets and of status. */
export function classify(requests: RequestCounts): {
  readonly writes: number;
  readonly reads: number;
  readonly events: number;
  readonly leases: number;
} {
  const classified = { writes: 0, reads: 0, events: 0, leases: 0 };
  for (const [key, count] of Object.entries(requests)) classified[classOf(key)] += count;
  return classified;
}

function classOf(key: string): 'writes' | 'reads' | 'events' | 'leases' {
  const [method, resource] = key.split(' ');
  if (resource === 'leases' || resource === 'events') return resource;
  return method === 'GET' ? 'reads' : 'writes';
}
