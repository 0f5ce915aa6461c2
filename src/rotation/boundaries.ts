import type { SpecTime } from '../api/application.ts';
import type { BoundaryField } from '../api/overdue.ts';
import { CLOCK_TOLERANCE } from '../api/timestamp.ts';
import type { Observation } from './observation.ts';
import type { IssuedSecret, Millis, RefusedBoundaries } from './record.ts';

const FIELDS: readonly BoundaryField[] = ['revokeRetiredBefore', 'revokeIssuedBefore'];

/**
 * Which boundaries of spec are refused: those that are further ahead than the tolerance, and those
 * that were so when they were first seen, until they are edited. A new one is not judged by a clock
 * that cannot be trusted.
 */
export function refusedBoundaries(o: Observation): RefusedBoundaries {
  const recorded = o.home?.record.refused ?? {};
  if (o.expiryOnly) return recorded;
  const refused: Partial<Record<BoundaryField, string>> = {};
  for (const field of FIELDS) {
    const boundary = o.spec[field];
    if (boundary === undefined) continue;
    const known = recorded[field] === boundary.text;
    if (known || (o.clockTrusted && boundary.time > o.now + CLOCK_TOLERANCE)) {
      refused[field] = boundary.text;
    }
  }
  return refused;
}

/** The boundary of spec that is in force, which excludes a refused one. */
export function standingBoundary(o: Observation, field: BoundaryField): SpecTime | undefined {
  const boundary = o.spec[field];
  return boundary !== undefined && refusedBoundaries(o)[field] === undefined ? boundary : undefined;
}

export function sameRefusals(a: RefusedBoundaries, b: RefusedBoundaries): boolean {
  return FIELDS.every((field) => a[field] === b[field]);
}

/**
 * Whether `moment` is at or after `boundary`. A moment further ahead of the clock than the tolerance
 * was not recorded by a sound clock, and satisfies nothing.
 */
export function reaches(moment: Millis, boundary: Millis, now: Millis): boolean {
  return moment >= boundary && moment <= now + CLOCK_TOLERANCE;
}

/** The time of issue of a secret issued now: never before its predecessor's, nor before a boundary that lies just ahead. */
export function issueTime(o: Observation, predecessor?: IssuedSecret): Millis {
  const boundary = standingBoundary(o, 'revokeIssuedBefore')?.time ?? 0;
  return notBefore(o.now, boundary, predecessor?.issuedAt ?? 0);
}

/**
 * The time of issue of a secret that somebody else made. Its predecessor's time must not carry it past
 * a boundary that lies ahead: that is to end it.
 */
export function acceptanceTime(o: Observation, predecessor: IssuedSecret): Millis {
  const boundary = standingBoundary(o, 'revokeIssuedBefore')?.time ?? 0;
  return boundary > o.now ? o.now : notBefore(o.now, predecessor.issuedAt);
}

/** The time of retirement of a secret replaced now: a boundary that lies just ahead must not reach it. */
export function retirementTime(o: Observation, retired: IssuedSecret): Millis {
  const boundary = standingBoundary(o, 'revokeRetiredBefore')?.time ?? 0;
  return notBefore(o.now, boundary, retired.issuedAt);
}

function notBefore(now: Millis, ...floors: readonly Millis[]): Millis {
  return Math.max(now, ...floors.filter((floor) => floor <= now + CLOCK_TOLERANCE));
}
