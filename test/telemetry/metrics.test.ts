import { beforeEach, expect, test } from 'vitest';
import type { Census } from '../../src/controller/census.ts';
import { createMetrics, type Metrics } from '../../src/telemetry/metrics.ts';
import { parseMetrics } from '../process/metrics.ts';

const CENSUS: Census = {
  applications: { ready: 3, notReady: 1 },
  retained: 2,
  revocations: { overdue: 1, failing: 1 },
  rotations: { overdue: 1, held: { Suspended: 1 } },
  stalled: { InvalidSpec: 1 },
};

let leads: boolean;
let censuses: number;
let metrics: Metrics;

beforeEach(() => {
  leads = true;
  censuses = 0;
  metrics = createMetrics({
    concurrency: 1,
    census() {
      censuses += 1;
      return CENSUS;
    },
    providers: () => [
      { key: 'OIDCProvider/shop/keycloak', ready: true, circuitOpen: false },
      { key: 'ClusterOIDCProvider/pingone', ready: false, circuitOpen: true },
    ],
    queue: () => ({ depth: 0, unfinishedSeconds: 0, longestRunningSeconds: 0 }),
    clockSkew: () => undefined,
    isLeader: () => leads,
  });
});

/** The series whose names begin so, as `name{labels} value`. */
async function seriesOf(prefix: string): Promise<string[]> {
  const { samples } = parseMetrics(await metrics.registry.metrics());
  return samples
    .filter(({ name }) => name.startsWith(prefix))
    .map(({ name, labels, value }) => `${name}${JSON.stringify(labels)} ${value}`);
}

const OF_LEADER = /^keyturn_(applications|previous|revocations|rotations|provider)/;

test('the leader tells of applications and providers, others do not', async () => {
  const before = await seriesOf('keyturn_');
  expect(before.filter((series) => OF_LEADER.test(series))).toEqual(
    expect.arrayContaining([
      'keyturn_applications{"ready":"false"} 1',
      'keyturn_revocations_overdue{} 1',
      'keyturn_rotations_held{"reason":"Suspended"} 1',
      'keyturn_provider_ready{"provider_kind":"OIDCProvider","provider_namespace":"shop","provider":"keycloak"} 1',
      'keyturn_provider_circuit_open{"provider_kind":"ClusterOIDCProvider","provider_namespace":"","provider":"pingone"} 1',
    ]),
  );
  leads = false;
  const after = await seriesOf('keyturn_');
  expect(after.filter((series) => OF_LEADER.test(series))).toEqual([]);
  leads = true;
  expect(await seriesOf('keyturn_')).toEqual(before);
});

test('a scrape counts all applications once', async () => {
  await metrics.registry.metrics();
  expect(censuses).toBe(1);
  await metrics.registry.metrics();
  expect(censuses).toBe(2);
});

test("a provider's requests are counted by status code until it is gone", async () => {
  const ours = 'OIDCProvider/shop/keycloak';
  for (const status of [200, 200, 'error'] as const) {
    metrics.providers.answered(ours, { status, seconds: 0.2 });
  }
  metrics.providers.answered('ClusterOIDCProvider/pingone', { status: 503, seconds: 0.2 });
  const labels = '"provider_kind":"OIDCProvider","provider_namespace":"shop","provider":"keycloak"';
  const others =
    'keyturn_provider_requests_total{"provider_kind":"ClusterOIDCProvider","provider_namespace":"","provider":"pingone","code":"503"} 1';
  expect(await seriesOf('keyturn_provider_requests_total')).toEqual([
    `keyturn_provider_requests_total{${labels},"code":"200"} 2`,
    `keyturn_provider_requests_total{${labels},"code":"error"} 1`,
    others,
  ]);
  expect(await seriesOf('keyturn_provider_request_duration_seconds_count')).toHaveLength(2);

  metrics.providers.gone(ours);
  expect(await seriesOf('keyturn_provider_requests_total')).toEqual([others]);
  expect(await seriesOf('keyturn_provider_request_duration_seconds_count')).toHaveLength(1);
});
