import { setTimeout as delay } from 'node:timers/promises';
import type { Judge } from './judge.ts';
import { clocksCompared } from './rig/comparison.ts';
import { leaks } from './rig/leaks.ts';
import type { Member } from './rig/member.ts';
import { pokeAll } from './rig/poke.ts';
import type { Rig } from './rig/rig.ts';
import type { Trace } from './trace.ts';

export interface Rest {
  readonly rig: Rig;
  readonly judge: Judge;
  readonly trace: Trace;
  readonly patient: boolean;
}

/** Retries and watches wait for half a minute at most, clocks are compared again every 20 s. */
const LIMIT_MS = 100_000;
const POLL_MS = 100;
const STILL_MS = 1_000;
const WATCHES_PER_NAMESPACE = 3;

/** Ends all faults, waits until everything is as it must be, and looks whether it stays so. */
export async function comeToRest(rest: Rest): Promise<void> {
  const { rig, judge, trace, patient } = rest;
  for (const member of rig.members) member.lift();
  await until(performance.now() + LIMIT_MS, async () =>
    rig.members.every((member) => !member.isPaused),
  );
  rig.clocks.settle();
  await clocksCompared(rig.members);
  const since = performance.now();
  const deadline = since + LIMIT_MS;
  if (!(await until(deadline, () => isComplete(rig)))) {
    judge.report(['the replicas did not come up, watch, and elect a leader']);
    return;
  }
  if (!patient) await pokeAll(rig);
  let unrest: string[] = [];
  const settled = await until(deadline, async () => {
    if (performance.now() < rig.recorder.changedAt + STILL_MS || !(await isIdle(rig))) return false;
    await take(rest);
    if (judge.violations.length > 0) return true;
    unrest = judge.unrest(rig.clocks.now());
    return unrest.length === 0;
  });
  await take(rest);
  const seconds = Math.round((performance.now() - since) / 100) / 10;
  trace.write('rest', { patient, settled, seconds });
  if (!settled) judge.report(unrest.length > 0 ? unrest : ['the operator does not come to rest']);
  if (judge.violations.length > 0) return;
  await staysAtRest(rest);
  judge.report(await leaks(rig.api, rig.values, rig.namespaces));
  judge.settle(rig.clocks.now(), rig.values);
}

/** Everything is looked at once more, and nothing must be written for it. */
async function staysAtRest(rest: Rest): Promise<void> {
  const { rig, judge } = rest;
  const since = performance.now();
  const before = await reconciliations(rig);
  const poked = await pokeAll(rig);
  const looked = await until(since + LIMIT_MS, async () => {
    const done = (await reconciliations(rig)) >= before + poked;
    return done && performance.now() >= since + STILL_MS && (await isIdle(rig));
  });
  if (!looked) judge.report(['the operator did not look at what was changed']);
  await take(rest);
  judge.report(
    judge
      .needless(since, rig.clocks.now())
      .map(({ what, namespace, object }) => `needless: ${what} ${namespace}/${object}`),
  );
}

async function take({ rig, judge }: Rest): Promise<void> {
  await Promise.race([rig.recorder.catchUp(), rig.recorder.failed]);
  judge.takeMoments(rig.recorder.drain());
}

async function until(deadline: number, holds: () => Promise<boolean>): Promise<boolean> {
  while (performance.now() < deadline) {
    if (await holds()) return true;
    await delay(POLL_MS);
  }
  return false;
}

/** Whether all replicas see what changes, and one of them leads. */
async function isComplete(rig: Rig): Promise<boolean> {
  const watches = rig.namespaces.length * WATCHES_PER_NAMESPACE;
  const ready = await Promise.all(
    rig.members.map(
      async (member) => member.watches() === watches && (await member.ask('/readyz')) !== undefined,
    ),
  );
  return ready.every(Boolean) && (await leaderOf(rig)) !== undefined;
}

async function isIdle(rig: Rig): Promise<boolean> {
  const metrics = (await leaderOf(rig))?.metrics;
  if (metrics === undefined) return false;
  return (
    metric(metrics, 'workqueue_depth') === 0 &&
    metric(metrics, 'controller_runtime_active_workers') === 0
  );
}

async function reconciliations(rig: Rig): Promise<number> {
  const leader = await leaderOf(rig);
  return leader === undefined
    ? Number.NaN
    : metric(leader.metrics, 'controller_runtime_reconcile_total');
}

async function leaderOf(rig: Rig): Promise<{ member: Member; metrics: string } | undefined> {
  const answers = await Promise.all(
    rig.members.map(async (member) => ({ member, metrics: await member.ask('/metrics') })),
  );
  for (const { member, metrics } of answers) {
    if (metrics !== undefined && metric(metrics, 'leader_election_master_status') === 1) {
      return { member, metrics };
    }
  }
  return undefined;
}

/** The sum of a metric's samples. */
function metric(text: string, name: string): number {
  let sum = 0;
  for (const line of text.split('\n')) {
    if (!line.startsWith(`${name}{`) && !line.startsWith(`${name} `)) continue;
    sum += Number(line.slice(line.lastIndexOf(' ') + 1));
  }
  return sum;
}
