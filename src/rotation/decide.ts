import { refusedBoundaries } from './boundaries.ts';
import type { Action, Decision, Hold, Impediment, Wait } from './decision.ts';
import type { Observation, OwnedSecret } from './observation.ts';
import type { BoundaryField } from './record.ts';
import { ongoingRestorations } from './restorations.ts';
import {
  dropStray,
  endExpired,
  endIssuedBefore,
  endLostPrevious,
  endRequested,
  endRetiredBefore,
} from './rules/end-previous.ts';
import { establish } from './rules/establish.ts';
import { deleteLeftover, move, recordRefusals, repair } from './rules/publish.ts';
import { replaceIssuedBefore } from './rules/replace-issued-before.ts';
import { restoreCurrent } from './rules/restore-current.ts';
import { heldRotation, rotateDue } from './rules/rotate-due.ts';
import type { Rule } from './rules/rule.ts';
import { nextWake } from './schedule.ts';

/** In order: the first that asks for something is followed, then everything is observed anew. */
export const RULES: readonly Rule[] = [
  restoreCurrent,
  replaceIssuedBefore,
  endLostPrevious,
  endRequested,
  endRetiredBefore,
  endIssuedBefore,
  endExpired,
  dropStray,
  rotateDue,
  recordRefusals,
  deleteLeftover,
  move,
  repair,
];

/** What to do next about an application's secrets. The same observation always gives the same answer. */
export function decide(o: Observation): Decision {
  return o.home === undefined ? decideWithoutSecret(o) : decideWithSecret(o, o.home);
}

function decideWithoutSecret(o: Observation): Decision {
  if (o.expiryOnly) return wait({});
  const impediment = o.target.kind === 'obstructed' ? o.target.impediment : undefined;
  if (impediment !== undefined || o.spec.suspend) return wait({ impediment });
  const action = establish(o);
  if (action === undefined || o.clockTrusted) return action ?? wait({});
  return wait({ awaitsClock: action });
}

function decideWithSecret(o: Observation, home: OwnedSecret): Decision {
  let awaitsClock: Action | undefined;
  if (!home.immutable) {
    for (const rule of RULES) {
      if (o.expiryOnly && !rule.outlivesApplication) continue;
      if (o.spec.suspend && rule.suspendable) continue;
      const action = rule.apply(o, home);
      if (action === undefined) continue;
      if (o.clockTrusted || !rule.timed) return action;
      awaitsClock ??= action;
    }
  }
  return wait({
    until: nextWake(o, home),
    hold: o.expiryOnly ? undefined : hold(o, home),
    impediment: o.expiryOnly ? undefined : impediment(o, home),
    awaitsClock,
  });
}

function wait(parts: Partial<Omit<Wait, 'kind'>>): Wait {
  return {
    kind: 'Wait',
    until: undefined,
    hold: undefined,
    impediment: undefined,
    awaitsClock: undefined,
    ...parts,
  };
}

function hold(o: Observation, home: OwnedSecret): Hold | undefined {
  const suspended = o.spec.suspend && replaceIssuedBefore.apply(o, home) !== undefined;
  return suspended ? { reason: 'Suspended', cause: 'IssuedBefore' } : heldRotation(o, home);
}

function impediment(o: Observation, home: OwnedSecret): Impediment | undefined {
  if (home.immutable) return immutable(home.name);
  if (home.impediment !== undefined) return home.impediment;
  if (home.name !== o.spec.secretName) {
    if (o.target.kind === 'obstructed') return o.target.impediment;
    if (o.target.kind === 'adoptable') return occupied(o, home);
  }
  return refusal(o) ?? restoredAgain(o, home);
}

function immutable(name: string): Impediment {
  return {
    reason: 'SecretImmutable',
    message:
      `Secret ${name} is immutable, so its client secret can neither be rotated nor revoked. ` +
      'Delete the Secret: a new client secret is then issued.',
  };
}

function occupied(o: Observation, home: OwnedSecret): Impediment {
  return {
    reason: 'SecretConflict',
    message:
      `Secret ${o.spec.secretName} is offered for adoption, but this application's client secret ` +
      `lives in Secret ${home.name}. Delete one of the two, or change spec.secret.name.`,
  };
}

const BOUNDARIES: readonly BoundaryField[] = ['revokeRetiredBefore', 'revokeIssuedBefore'];

function refusal(o: Observation): Impediment | undefined {
  const refused = refusedBoundaries(o);
  const field = BOUNDARIES.find((name) => refused[name] !== undefined);
  if (field === undefined) return undefined;
  return {
    reason: 'InvalidSpec',
    message:
      `spec.${field}: ${refused[field]} was more than 5 minutes in the future when it was set. It is ` +
      'ignored, and will not take effect by itself: set it to a time that has come, or remove it.',
  };
}

function restoredAgain(o: Observation, home: OwnedSecret): Impediment | undefined {
  const series = ongoingRestorations(home.record, o.now);
  if (series === undefined) return undefined;
  const by = series.by === undefined ? 'Somebody' : `Field manager ${JSON.stringify(series.by)}`;
  return {
    reason: 'FormerSecretRestored',
    message:
      `${by} has put a former client secret back into Secret ${home.name} ${series.count} times. It is ` +
      'replaced each time. Remove the value from where it is applied from.',
  };
}
