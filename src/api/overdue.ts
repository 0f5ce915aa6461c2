import { trueCondition } from './conditions.ts';
import type { OIDCApplicationSpec, OIDCApplicationStatus } from './oidcapplication.gen.ts';
import { CLOCK_TOLERANCE, parseTimestamp } from './timestamp.ts';

/** The two fields of spec that end every secret from before a moment. */
export type BoundaryField = 'revokeRetiredBefore' | 'revokeIssuedBefore';

interface Shown {
  readonly spec: OIDCApplicationSpec;
  readonly status: OIDCApplicationStatus | undefined;
}

const TO_END = new Set(['RevocationPending', 'RevocationFailed']);

/**
 * Whether a client secret is valid that should have ended, by spec or by its expiry. Not the condition
 * alone says so: it cannot where the backing Secret cannot be read, or the application was not looked at.
 * A boundary that `isRefused` asks for nothing.
 */
export function isRevocationOverdue(
  application: Shown,
  now: number,
  isRefused: (field: BoundaryField) => boolean,
): boolean {
  const { spec, status } = application;
  const { currentSecret, previousSecret } = status ?? {};
  const retained = trueCondition(application, 'PreviousSecretRetained')?.reason ?? '';
  const precedes = (text: string | undefined, field: BoundaryField) => {
    const boundary = parseTimestamp(spec[field] ?? '');
    if (boundary === undefined || boundary > now + CLOCK_TOLERANCE) return false;
    return isBefore(text, boundary) && !isRefused(field);
  };
  if (TO_END.has(retained) || precedes(currentSecret?.issuedAt, 'revokeIssuedBefore')) return true;
  if (previousSecret === undefined) return false;
  return (
    (spec.revokePreviousSecret === true && retained !== 'RevocationHeld') ||
    hasCome(previousSecret.expiresAt, now) ||
    precedes(previousSecret.issuedAt, 'revokeIssuedBefore') ||
    precedes(previousSecret.retiredAt, 'revokeRetiredBefore')
  );
}

/** Whether a rotation is due, not held, and has not happened. */
export function isRotationOverdue(application: Pick<Shown, 'status'>, now: number): boolean {
  const isHeld = trueCondition(application, 'RotationHeld') !== undefined;
  return !isHeld && hasCome(application.status?.nextRotationTime, now);
}

function isBefore(text: string | undefined, end: number): boolean {
  const time = parseTimestamp(text ?? '');
  return time !== undefined && time < end;
}

function hasCome(text: string | undefined, now: number): boolean {
  return isBefore(text, now + 1);
}
