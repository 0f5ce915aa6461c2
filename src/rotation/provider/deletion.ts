import type { Action } from '../decision.ts';
import type { Observation, OwnedSecret } from '../observation.ts';
import type { Millis } from '../record.ts';
import type { Rule } from '../rules/rule.ts';

/** How long a deletion waits for the provider. */
const PATIENCE: Millis = 5 * 60_000;

/**
 * Under `deletionPolicy: Delete` the backing Secret goes with the application, and with it all that
 * is known of a previous secret. As long as there is one, the application's deletion waits for its end.
 */
export const holdDeletion: Rule = {
  name: 'holdDeletion',
  authority: 'provider',
  timed: false,
  suspendable: false,
  outlivesApplication: false,
  apply: (o, home) =>
    !o.holdsDeletion && isAwaited(o, home) ? { kind: 'HoldDeletion' } : undefined,
};

/** A previous secret does not outlive an application that goes with everything. */
export const endOnDeletion: Rule = {
  name: 'endOnDeletion',
  authority: 'provider',
  timed: false,
  suspendable: false,
  outlivesApplication: true,
  apply: (o, home) =>
    o.deletedAt !== undefined && o.holdsDeletion && isAwaited(o, home)
      ? { kind: 'RevokePrevious', reason: 'Deleted' }
      : undefined,
};

export const releaseDeletion: Rule = {
  name: 'releaseDeletion',
  timed: false,
  suspendable: false,
  outlivesApplication: true,
  apply: (o, home) => released(o, home),
};

/** Lets the application go, where nothing is left to do for it at the provider, or no longer tried. */
export function released(o: Observation, home: OwnedSecret | undefined): Action | undefined {
  if (!o.holdsDeletion) return undefined;
  if (home === undefined || !isAwaited(o, home)) {
    return { kind: 'ReleaseDeletion', abandoned: false };
  }
  const isLate = o.deletedAt !== undefined && o.now >= o.deletedAt + PATIENCE;
  return isLate ? { kind: 'ReleaseDeletion', abandoned: true } : undefined;
}

/** When a deletion is no longer held back. */
export function deletionWake({ deletedAt, holdsDeletion }: Observation): Millis | undefined {
  return deletedAt !== undefined && holdsDeletion ? deletedAt + PATIENCE : undefined;
}

function isAwaited({ authority, spec }: Observation, { record }: OwnedSecret): boolean {
  if (authority.kind === 'local' || spec.deletionPolicy === 'Retain') return false;
  return record.previous !== undefined || record.intent !== undefined;
}
