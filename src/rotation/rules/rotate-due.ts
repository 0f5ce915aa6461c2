import { issueTime, retirementTime } from '../boundaries.ts';
import type { Hold } from '../decision.ts';
import type { Observation, OwnedSecret } from '../observation.ts';
import { type DueRotation, nextRotation } from '../schedule.ts';
import { nextVersion } from '../versions.ts';
import type { Rule } from './rule.ts';

/** `rotateAfter` and `every`: the current secret is replaced when they fall due, unless held. */
export const rotateDue: Rule = {
  name: 'rotateDue',
  timed: true,
  suspendable: true,
  outlivesApplication: false,
  apply(o, home) {
    const due = dueRotation(o, home);
    if (due === undefined || holdOf(o, home, due) !== undefined) return undefined;
    const { record } = home;
    const { retainPreviousFor } = o.spec;
    return {
      kind: 'Rotate',
      cause: due.cause,
      version: nextVersion(o, record),
      issuedAt: issueTime(o, record.current),
      retain:
        retainPreviousFor === 0
          ? undefined
          : {
              retiredAt: retirementTime(o, record.current),
              expiresAt: o.now + retainPreviousFor,
            },
    };
  },
};

/** The rotation that is due but must not start, and why. */
export function heldRotation(o: Observation, home: OwnedSecret): Hold | undefined {
  const due = dueRotation(o, home);
  return due === undefined ? undefined : holdOf(o, home, due);
}

function dueRotation(o: Observation, home: OwnedSecret): DueRotation | undefined {
  // A current value that is not what was issued is never retained: it is put right first.
  if (home.current.kind !== 'intact') return undefined;
  const next = nextRotation(o, home.record);
  return next !== undefined && next.at <= o.now ? next : undefined;
}

function holdOf(o: Observation, home: OwnedSecret, { cause }: DueRotation): Hold | undefined {
  if (o.spec.suspend) return { reason: 'Suspended', cause };
  if (o.rotationsPaused) return { reason: 'RotationsPaused', cause };
  if (home.record.previous !== undefined) return { reason: 'PreviousSecretRetained', cause };
  if (o.spec.revokePreviousSecret && o.spec.retainPreviousFor !== 0) {
    return { reason: 'RevokePreviousSecretIsTrue', cause };
  }
  return undefined;
}
