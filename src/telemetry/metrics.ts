import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { Census } from '../controller/census.ts';
import type { ProviderObserver, ProviderState } from '../controller/providers/observer.ts';
import type { ResponseInfo } from '../kubernetes/transport.ts';
import type { WorkQueueObserver } from '../kubernetes/work-queue.ts';
import type { WorkersObserver } from '../kubernetes/workers.ts';
import { registerCensus } from './census-metrics.ts';
import { providerMetrics } from './provider-metrics.ts';

/** The controller's name in the metrics that every controller has. */
const CONTROLLER = 'oidcapplication';
const QUEUE_BUCKETS = [1e-5, 1e-4, 1e-3, 0.01, 0.1, 1, 10, 100, 1000];
// By default 10 ms, which uses more CPU than all else does in an idle operator.
const LOOP_SAMPLING_MS = 100;
const LATENCY_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60];

export interface MetricsSources {
  readonly concurrency: number;
  readonly census: () => Census;
  readonly queue: () => { depth: number; unfinishedSeconds: number; longestRunningSeconds: number };
  /** In milliseconds; undefined until known. */
  readonly clockSkew: () => number | undefined;
  readonly providers: () => Iterable<ProviderState>;
  readonly isLeader: () => boolean;
}

export interface Metrics {
  readonly registry: Registry;
  readonly queue: WorkQueueObserver;
  readonly workers: WorkersObserver;
  readonly providers: ProviderObserver;
  readonly response: (info: ResponseInfo) => void;
  readonly step: (kind: string) => void;
  readonly eventDropped: () => void;
  /** From the change of spec that asked for a revocation to the key being gone. */
  readonly revoked: (seconds: number) => void;
}

/** All metrics, in a registry of their own; names are listed in docs/metrics.md. */
export function createMetrics(sources: MetricsSources): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: LOOP_SAMPLING_MS });
  registerGauges(registry, sources);
  registerCensus(registry, sources.census, sources.isLeader);
  return {
    registry,
    queue: queueMetrics(registry, sources),
    workers: workerMetrics(registry, sources.concurrency),
    providers: providerMetrics(registry, sources.providers, sources.isLeader),
    response: clientMetrics(registry),
    step: stepCounter(registry),
    eventDropped: eventDropCounter(registry),
    revoked: observeSeconds(
      new Histogram({
        name: 'keyturn_revocation_duration_seconds',
        help: 'From the change of spec that asked for a revocation to the secret being gone',
        buckets: LATENCY_BUCKETS,
        registers,
      }),
    ),
  };
}

function observeSeconds(histogram: Histogram): (seconds: number) => void {
  return (seconds) => histogram.observe(seconds);
}

function stepCounter(registry: Registry): (kind: string) => void {
  const steps = new Counter({
    name: 'keyturn_steps_total',
    help: 'Steps carried out, on backing Secrets and at identity providers, by kind',
    labelNames: ['kind'],
    registers: [registry],
  });
  return (kind) => steps.inc({ kind });
}

function eventDropCounter(registry: Registry): () => void {
  const dropped = new Counter({
    name: 'keyturn_events_dropped_total',
    help: 'Kubernetes events that were not recorded because too many waited',
    registers: [registry],
  });
  return () => dropped.inc();
}

function registerGauges(registry: Registry, { clockSkew, isLeader }: MetricsSources): void {
  const registers = [registry];
  const gauge = <L extends string>(
    name: string,
    help: string,
    labelNames: readonly L[],
    collect: (gauge: Gauge<L>) => void,
  ) =>
    new Gauge({
      name,
      help,
      labelNames: [...labelNames],
      registers,
      collect() {
        this.reset();
        collect(this);
      },
    });
  gauge('leader_election_master_status', 'Whether this replica leads', ['name'], (g) =>
    g.set({ name: 'keyturn' }, isLeader() ? 1 : 0),
  );
  gauge('keyturn_clock_skew_seconds', "How far the clock is ahead of the API server's", [], (g) => {
    const skew = clockSkew();
    if (skew !== undefined) g.set(skew / 1000);
  });
}

function queueMetrics(registry: Registry, sources: MetricsSources): WorkQueueObserver {
  const registers = [registry];
  const labelNames = ['name'];
  const labels = { name: CONTROLLER };
  const gauges = {
    workqueue_depth: ['Applications waiting for a worker', () => sources.queue().depth],
    workqueue_unfinished_work_seconds: [
      'Seconds of work under way',
      () => sources.queue().unfinishedSeconds,
    ],
    workqueue_longest_running_processor_seconds: [
      'Seconds that the longest running worker has run',
      () => sources.queue().longestRunningSeconds,
    ],
  } as const;
  for (const [name, [help, value]] of Object.entries(gauges)) {
    new Gauge({
      name,
      help,
      labelNames,
      registers,
      collect() {
        this.set(labels, value());
      },
    });
  }
  const adds = new Counter({ name: 'workqueue_adds_total', help: 'Adds', labelNames, registers });
  const retries = new Counter({
    name: 'workqueue_retries_total',
    help: 'Retries',
    labelNames,
    registers,
  });
  const waited = new Histogram({
    name: 'workqueue_queue_duration_seconds',
    help: 'How long an application waited for a worker',
    labelNames,
    buckets: QUEUE_BUCKETS,
    registers,
  });
  const worked = new Histogram({
    name: 'workqueue_work_duration_seconds',
    help: 'How long a worker took',
    labelNames,
    buckets: QUEUE_BUCKETS,
    registers,
  });
  return {
    added: () => adds.inc(labels),
    taken: (seconds) => waited.observe(labels, seconds),
    finished: (seconds) => worked.observe(labels, seconds),
    retried: () => retries.inc(labels),
  };
}

function workerMetrics(registry: Registry, concurrency: number): WorkersObserver {
  const registers = [registry];
  const controller = CONTROLLER;
  const total = new Counter({
    name: 'controller_runtime_reconcile_total',
    help: 'Reconciliations, by result',
    labelNames: ['controller', 'result'],
    registers,
  });
  const errors = new Counter({
    name: 'controller_runtime_reconcile_errors_total',
    help: 'Reconciliations that failed',
    labelNames: ['controller'],
    registers,
  });
  const time = new Histogram({
    name: 'controller_runtime_reconcile_time_seconds',
    help: 'How long a reconciliation took',
    labelNames: ['controller'],
    buckets: LATENCY_BUCKETS,
    registers,
  });
  const active = new Gauge({
    name: 'controller_runtime_active_workers',
    help: 'Workers at work',
    labelNames: ['controller'],
    registers,
  });
  new Gauge({
    name: 'controller_runtime_max_concurrent_reconciles',
    help: 'Workers in all',
    labelNames: ['controller'],
    registers,
  }).set({ controller }, concurrency);
  return {
    started: (count) => active.set({ controller }, count),
    finished: (result, seconds, count) => {
      active.set({ controller }, count);
      total.inc({ controller, result });
      time.observe({ controller }, seconds);
      if (result === 'error') errors.inc({ controller });
    },
  };
}

function clientMetrics(registry: Registry): (info: ResponseInfo) => void {
  const registers = [registry];
  const requests = new Counter({
    name: 'rest_client_requests_total',
    help: 'Requests to the API server, by status code and method',
    labelNames: ['code', 'method', 'resource'],
    registers,
  });
  const seconds = new Histogram({
    name: 'rest_client_request_duration_seconds',
    help: 'How long the API server took',
    labelNames: ['verb', 'resource'],
    buckets: LATENCY_BUCKETS,
    registers,
  });
  return ({ method, resource, status, seconds: took }) => {
    requests.inc({ code: String(status), method, resource });
    seconds.observe({ verb: method, resource }, took);
  };
}
