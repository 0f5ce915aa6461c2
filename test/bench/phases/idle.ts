import { setTimeout as delay } from 'node:timers/promises';
import { classify, requestsBetween } from '../metrics.ts';
import type { Observer } from '../observer.ts';
import type { OperatorProcess } from '../operator-process.ts';
import type { IdleReport } from '../report.ts';

/** Leaves the operator alone and tells what it does and uses all the same. */
export async function measureIdle(
  observer: Observer,
  operator: OperatorProcess,
  seconds: number,
): Promise<IdleReport> {
  await operator.untilQuiet();
  const requestsBefore = await operator.requests();
  let changesSeen = 0;
  const count = () => {
    changesSeen += 1;
  };
  const unsubscribe = [observer.applications.subscribe(count), observer.secrets.subscribe(count)];
  // What the request for the metrics has left behind is not idleness.
  await operator.untilQuiet();
  const before = operator.usage();
  await delay(seconds * 1000);
  const after = operator.usage();
  for (const end of unsubscribe) end();
  const cpuSeconds = after.cpuSeconds - before.cpuSeconds;
  return {
    seconds,
    ...classify(requestsBetween(requestsBefore, await operator.requests())),
    changesSeen,
    cpuSeconds,
    cpuPercent: (100 * cpuSeconds) / seconds,
    residentMiB: after.residentMiB,
  };
}
