import { type ApplicationRef, newApplication, published } from '../applications.ts';
import type { BenchCluster } from '../cluster.ts';
import { classify } from '../metrics.ts';
import type { OperatorProcess } from '../operator-process.ts';
import type { RestartRound } from '../report.ts';
import { Tracker } from '../tracker.ts';

/** Secret and status. */
const WRITES_OF_A_FRESH_APPLICATION = 2;

/**
 * Starts an operator where none runs and all applications are as wanted but `fresh`, which is
 * created before. Resolves to the operator too.
 */
export async function measureRestart(
  cluster: BenchCluster,
  fresh: ApplicationRef,
): Promise<{ readonly round: RestartRound; readonly operator: OperatorProcess }> {
  const tracker = new Tracker(cluster.observer, [fresh], () => published(1));
  await cluster.applications.create(newApplication(fresh));
  const operator = await cluster.startOperator();
  await tracker.completed(() => operator.assertRunning());
  const { cpuSeconds } = operator.usage();
  const { statusAt } = tracker.seenAt(fresh);
  await operator.untilQuiet();
  const { writes } = classify(await operator.requests());
  const { residentMiB, peakMiB } = operator.usage();
  const round = {
    seconds: (statusAt - operator.startedAt) / 1000,
    cpuSeconds,
    otherWrites: writes - WRITES_OF_A_FRESH_APPLICATION,
    residentMiB,
    peakMiB,
  };
  return { round, operator };
}
