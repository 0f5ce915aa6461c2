import type { Random } from '../random.ts';
import { type Action, type FaultName, REPLICAS, type Replicas } from './actions.ts';

/** Time passes, or the clock of a replica is set wrong. */
export function clockAction(random: Random): Action {
  if (random.chance(0.6)) {
    const seconds = random.weighted([
      [6, 65],
      [3, 330],
      [3, 660],
      [2, 3660],
      [1, 90_000],
    ]);
    return { kind: 'advance clock', ms: seconds * 1000 };
  }
  const seconds = random.pick([-20, -20, 20, 20, 0, 200, -200, 3000, -3000]);
  return { kind: 'set clock wrong', replica: replicaOf(random), ms: seconds * 1000 };
}

/** A replica ends, stands still, or loses its Lease or its watches. */
export function replicaAction(random: Random): Action {
  const replica = replicaOf(random);
  return random.weighted<() => Action>([
    [5, () => ({ kind: 'kill', replica, downMs: random.pick([0, 500, 2000]) })],
    [2, () => ({ kind: 'stop', replica, downMs: random.pick([0, 500, 2000]) })],
    [4, () => pause(random, replica)],
    [2, () => ({ kind: 'delete Lease' })],
    [3, () => ({ kind: 'cut watches', replicas: replicasOf(random) })],
  ])();
}

function pause(random: Random, replica: number): Action {
  const ms = random.pick([500, 6500, 8000]);
  return { kind: 'pause', replica, ms, whenBusy: random.chance(0.6) };
}

/** Something goes wrong between the replicas and the API server. */
export function faultAction(random: Random): Action {
  const fault = random.weighted<FaultName>([
    [3, 'conflict'],
    [2, 'gone'],
    [1, 'too many requests'],
    [2, 'server error'],
    [2, 'unavailable'],
    [1, 'timeout'],
    [2, 'reset'],
    [5, 'lost answer'],
    [2, 'cut answer'],
    [2, 'cut watch'],
    [2, 'silent watch'],
    [1, 'error event'],
    [3, 'held write'],
    [1, 'lease refused'],
    [1, 'outage'],
  ]);
  return { kind: 'fault', replicas: replicasOf(random), fault, times: random.between(1, 6) };
}

function replicaOf(random: Random): number {
  return random.between(0, REPLICAS - 1);
}

function replicasOf(random: Random): Replicas {
  return random.pick(['both', 'both', 0, 1] as const);
}
