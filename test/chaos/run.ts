import { setTimeout as delay } from 'node:timers/promises';
import type { ControlPlaneAccess } from '../testbed/access.ts';
import { Judge } from './judge.ts';
import { Planner } from './plan/planner.ts';
import { comeToRest } from './rest.ts';
import { Performer } from './rig/perform.ts';
import { Rig } from './rig/rig.ts';
import type { Trace } from './trace.ts';

export interface RunOptions {
  readonly controlPlane: ControlPlaneAccess;
  readonly namespaces: readonly string[];
  readonly seed: number;
  /** No round begins after so many seconds. */
  readonly seconds: number;
  /** No more rounds than these. */
  readonly rounds: number;
  readonly trace: Trace;
  readonly progress?: (message: string) => void;
}

export interface RunResult {
  readonly rounds: number;
  readonly steps: number;
  readonly violations: readonly string[];
  /** How often each kind of write of the operator was judged, and what else was counted. */
  readonly counts: Readonly<Record<string, number>>;
}

/** Runs rounds until the time is over or something is found that must not be. */
export async function run(options: RunOptions): Promise<RunResult> {
  const { seed, trace, progress = () => undefined } = options;
  const judge = new Judge(trace);
  const rig = await Rig.start({
    ...options,
    onWrite: (write) => judge.takeWrite(write),
    onLine: (replica, line) => judge.takeLine(replica, line),
    onExit: (replica, how) => trace.write('exit', { replica, how }),
  });
  try {
    const planner = new Planner(seed);
    const performer = new Performer(rig);
    const endsAt = performance.now() + options.seconds * 1000;
    let rounds = 0;
    let steps = 0;
    while (rounds < options.rounds && performance.now() < endsAt && judge.violations.length === 0) {
      const { actions, patient } = planner.nextRound();
      rounds += 1;
      for (const { action, pauseMs } of actions) {
        steps += 1;
        const outcome = await Promise.race([performer.perform(action), rig.recorder.failed]);
        trace.write('step', { round: rounds, step: steps, ...action, outcome });
        await delay(pauseMs);
      }
      await comeToRest({ rig, judge, trace, patient });
      progress(`round ${rounds}: ${steps} steps, ${judge.violations.length} violations`);
    }
    return { rounds, steps, violations: judge.violations, counts: judge.counts() };
  } finally {
    await rig.stop();
  }
}
