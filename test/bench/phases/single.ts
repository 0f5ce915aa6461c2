import { setTimeout as delay } from 'node:timers/promises';
import { previousEnded, revokePrevious } from '../applications.ts';
import { type Course, latenciesOf } from '../course.ts';
import type { SingleReport } from '../report.ts';
import { Tracker } from '../tracker.ts';
import { type PreparationOptions, retainPrevious } from './previous-secrets.ts';

/** Between two revocations, so that each finds the operator idle. */
const PAUSE_MS = 50;

/** Revokes one previous secret after the other while all other applications are idle. */
export async function measureSingle(options: PreparationOptions): Promise<SingleReport> {
  const { cluster, operator, refs } = options;
  await retainPrevious(options, '24h');
  await operator.untilQuiet();
  const courses: Course[] = [];
  for (const ref of refs) {
    const tracker = new Tracker(cluster.observer, [ref], () => previousEnded);
    await tracker.change(ref, () => cluster.applications.mergePatch(ref, { spec: revokePrevious }));
    await tracker.completed(() => operator.assertRunning());
    courses.push(...tracker.courses());
    await delay(PAUSE_MS);
  }
  return { revocations: refs.length, ...latenciesOf(courses) };
}
