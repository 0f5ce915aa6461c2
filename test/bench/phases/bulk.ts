import type { ApplicationRef } from '../applications.ts';
import { targetOf, writeSpec } from '../changes.ts';
import type { BenchCluster } from '../cluster.ts';
import { forEachConcurrently } from '../concurrency.ts';
import { latenciesOf, wallSecondsOf } from '../course.ts';
import { classify, requestsBetween } from '../metrics.ts';
import type { OperatorProcess } from '../operator-process.ts';
import type { BulkPhase, BulkRound } from '../report.ts';
import { Tracker } from '../tracker.ts';

export interface BulkOptions {
  readonly cluster: BenchCluster;
  readonly operator: OperatorProcess;
  readonly refs: readonly ApplicationRef[];
  /** How many changes of spec are under way at once. */
  readonly concurrency: number;
  /** What the bare client reached in the same round. */
  readonly ceilingPerSecond: number;
}

/** Has the operator change all applications, and measures until it has come to rest. */
export async function measureBulk(phase: BulkPhase, options: BulkOptions): Promise<BulkRound> {
  const { cluster, operator, refs, concurrency, ceilingPerSecond } = options;
  await operator.untilQuiet();
  const requestsBefore = await operator.requests();
  const { cpuSeconds } = operator.usage();
  const tracker = new Tracker(cluster.observer, refs, (ref) =>
    targetOf(phase, cluster.observer, ref),
  );
  await forEachConcurrently(refs, concurrency, (ref) =>
    tracker.change(ref, () => writeSpec(phase, cluster.applications, ref)),
  );
  await tracker.completed(() => operator.assertRunning());
  await operator.untilQuiet();
  const usage = operator.usage();
  const requests = requestsBetween(requestsBefore, await operator.requests());
  const { writes, reads, events } = classify(requests);
  const courses = tracker.courses();
  const seconds = wallSecondsOf(courses);
  const perSecond = refs.length / seconds;
  return {
    seconds,
    perSecond,
    ...latenciesOf(courses),
    writesPerApplication: writes / refs.length,
    readsPerApplication: reads / refs.length,
    eventsPerApplication: events / refs.length,
    cpuMsPerApplication: ((usage.cpuSeconds - cpuSeconds) * 1000) / refs.length,
    residentMiB: usage.residentMiB,
    peakMiB: usage.peakMiB,
    requests,
    ceilingPerSecond,
    ratio: perSecond / ceilingPerSecond,
  };
}
