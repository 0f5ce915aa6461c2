import { createHash } from 'node:crypto';
import { CLOCK_TOLERANCE } from '../api/timestamp.ts';
import { reaches } from './boundaries.ts';
import type { Observation, OwnedSecret } from './observation.ts';
import { deletionWake } from './provider/deletion.ts';
import { intentWakes } from './provider/intent.ts';
import { nextReading } from './provider/resync.ts';
import type { Millis, RotationCause, SecretRecord } from './record.ts';
import { restorationWakes } from './restorations.ts';

const DAY: Millis = 24 * 3_600_000;

/** A retention longer than this was not the operator's doing, and is cut to it. */
export const LONGEST_RETENTION: Millis = 30 * DAY;

/** Of a record, all that a schedule depends on. */
export type KnownSecrets = Pick<SecretRecord, 'current' | 'previous'>;

export interface DueRotation {
  readonly cause: RotationCause;
  readonly at: Millis;
}

/** When the retained previous secret ends, whatever its annotation says beyond the limit. */
export function expiryOf(previous: { retiredAt: Millis; expiresAt: Millis }): Millis {
  return Math.min(previous.expiresAt, previous.retiredAt + LONGEST_RETENTION);
}

/**
 * How much of `every` a rotation is brought forward: up to a tenth, 24 hours at most, by a hash of
 * the UID, so that applications created at once do not rotate at once.
 */
export function bringForward(uid: string, every: Millis): Millis {
  const share = createHash('sha256').update(uid).digest().readUInt32BE(0) / 2 ** 32;
  return Math.floor(share * Math.min(every / 10, DAY));
}

/**
 * The next rotation that `rotateAfter` or `every` asks for, the earlier of the two; its time may
 * have passed.
 */
export function nextRotation(o: Observation, record: KnownSecrets): DueRotation | undefined {
  return plannedRotations(o, record).sort((a, b) => a.at - b.at)[0];
}

function plannedRotations(o: Observation, record: KnownSecrets): DueRotation[] {
  return [afterTime(o, record), byAge(o, record)].filter((due) => due !== undefined);
}

function afterTime(o: Observation, record: KnownSecrets): DueRotation | undefined {
  const { rotateAfter } = o.spec;
  if (rotateAfter === undefined) return undefined;
  if (reaches(record.current.issuedAt, rotateAfter.time, o.now)) return undefined;
  return { cause: 'RotateAfter', at: rotateAfter.time };
}

function byAge(o: Observation, record: KnownSecrets): DueRotation | undefined {
  const { every } = o.spec;
  if (every === undefined) return undefined;
  const { issuedAt } = record.current;
  if (issuedAt > o.now + CLOCK_TOLERANCE) return { cause: 'Every', at: o.now };
  const latest = issuedAt + every;
  const planned = latest - bringForward(o.uid, every);
  // What was retained for a while should not make a rotation be held that had time to wait.
  const free = record.previous === undefined ? planned : expiryOf(record.previous);
  return { cause: 'Every', at: Math.min(latest, Math.max(planned, free)) };
}

function settlesAt({ authority }: Observation): Millis | undefined {
  return authority.kind === 'provider' ? authority.settlesAt : undefined;
}

/** When the passage of time alone changes what must hold. */
export function nextWake(o: Observation, home: OwnedSecret): Millis | undefined {
  const { record } = home;
  const { current, previous } = record;
  const moments: (Millis | undefined)[] = [
    previous && expiryOf(previous),
    ...intentWakes(record),
    deletionWake(o),
  ];
  if (!o.expiryOnly) {
    moments.push(...plannedRotations(o, record).map(({ at }) => at), ...restorationWakes(record));
    moments.push(nextReading(o), settlesAt(o));
    // An issuedAt that a clock put back has left behind counts again when the clock nears it.
    for (const secret of [current, previous])
      moments.push(secret && secret.issuedAt - CLOCK_TOLERANCE);
  }
  const ahead = moments.filter((at) => at !== undefined).filter((at) => at > o.now);
  return ahead.length === 0 ? undefined : Math.min(...ahead);
}
