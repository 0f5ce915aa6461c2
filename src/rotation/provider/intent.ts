import { CLOCK_TOLERANCE } from '../../api/timestamp.ts';
import type { Observation } from '../observation.ts';
import type { Millis, RotationIntent, SecretRecord } from '../record.ts';

/** How long a request whose outcome is unknown may still take effect at the provider. */
export const SETTLING: Millis = 15_000;
/** How long the provider may take to accept a secret that it has just made. */
const PROPAGATION: Millis = 120_000;

/** Whether a rotation that may have been sent may still take effect. */
export function isSettling({ now }: Observation, { startedAt }: RotationIntent): boolean {
  return isWithin(now, startedAt, SETTLING);
}

/** Whether the provider may still come to accept the secret that a rotation has made. */
export function isPropagating({ now }: Observation, { startedAt }: RotationIntent): boolean {
  return isWithin(now, startedAt, PROPAGATION);
}

/** When time alone lets a rotation go on that was begun; some of it may have passed. */
export function intentWakes({ intent }: SecretRecord): Millis[] {
  if (intent === undefined) return [];
  const { startedAt } = intent;
  return [startedAt - CLOCK_TOLERANCE, startedAt + SETTLING, startedAt + PROPAGATION];
}

/** A start that a clock put back has left far ahead limits nothing. */
function isWithin(now: Millis, startedAt: Millis, length: Millis): boolean {
  return startedAt <= now + CLOCK_TOLERANCE && now < startedAt + length;
}
