import type { BoundaryField } from '../../../src/api/overdue.ts';
import type { HoldReason } from '../../../src/rotation/decision.ts';
import type { Observation } from '../../../src/rotation/observation.ts';
import type {
  Millis,
  RetainedSecret,
  RotationCause,
  SecretRecord,
} from '../../../src/rotation/record.ts';
import { AHEAD, DAY } from '../fixtures.ts';

/** The texts of boundaries that were refused when they were first seen. */
export type Refused = Readonly<Partial<Record<BoundaryField, string>>>;

/**
 * The statements of spec that do not hold, by name, in the words of the design and apart from the
 * rules: the instant at which `every` falls due is not known here, but the last one is.
 */
export function violated(o: Observation, record: SecretRecord, refused: Refused): string[] {
  const { spec, now } = o;
  const { current, previous } = record;
  const retiredBefore = boundary(o, refused, 'revokeRetiredBefore');
  const issuedBefore = boundary(o, refused, 'revokeIssuedBefore');
  const holds: Record<string, boolean> = {
    rotateAfter:
      spec.rotateAfter === undefined ||
      now < spec.rotateAfter.time ||
      issuedSince(spec.rotateAfter.time, current.issuedAt, now),
    every:
      spec.every === undefined ||
      (current.issuedAt <= now + AHEAD && age(record, now) < spec.every),
    revokePreviousSecret: !spec.revokePreviousSecret || previous === undefined,
    revokeRetiredBefore:
      retiredBefore === undefined || previous === undefined || previous.retiredAt >= retiredBefore,
    revokeIssuedBefore:
      issuedBefore === undefined ||
      [current, previous].every(
        (secret) => secret === undefined || issuedSince(issuedBefore, secret.issuedAt, now),
      ),
    expiry: previous === undefined || now < promisedEnd(previous),
  };
  return Object.keys(holds).filter((name) => holds[name] === false);
}

/** When a retained secret ends at the latest: no retention is longer than 30 days. */
export function promisedEnd({ retiredAt, expiresAt }: RetainedSecret): Millis {
  return Math.min(expiresAt, retiredAt + 30 * DAY);
}

/** The time of a boundary that was not refused. */
export function boundary(
  o: Observation,
  refused: Refused,
  field: BoundaryField,
): Millis | undefined {
  const stated = o.spec[field];
  return stated === undefined || refused[field] === stated.text ? undefined : stated.time;
}

/** Whether a rotation is due; one by `every` may be so early, since it is brought forward. */
export function isDue(o: Observation, record: SecretRecord, cause: RotationCause): boolean {
  if (cause === 'RotateAfter') return violated(o, record, {}).includes('rotateAfter');
  const { every } = o.spec;
  if (cause !== 'Every' || every === undefined) return false;
  if (record.current.issuedAt > o.now + AHEAD) return true;
  return age(record, o.now) >= every - Math.min(every / 10, DAY);
}

/** Which guard of the design, if any, keeps a rotation that is due from starting. */
export function guardOf(o: Observation, record: SecretRecord): HoldReason | undefined {
  const { suspend, revokePreviousSecret, retainPreviousFor } = o.spec;
  if (suspend) return 'Suspended';
  if (o.rotationsPaused) return 'RotationsPaused';
  if (record.previous !== undefined) return 'PreviousSecretRetained';
  return revokePreviousSecret && retainPreviousFor > 0 ? 'RevokePreviousSecretIsTrue' : undefined;
}

function issuedSince(boundaryTime: Millis, issuedAt: Millis, now: Millis): boolean {
  return issuedAt >= boundaryTime && issuedAt <= now + AHEAD;
}

function age({ current }: SecretRecord, now: Millis): Millis {
  return now - current.issuedAt;
}
