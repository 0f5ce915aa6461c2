import { parseTimestamp } from '../api/timestamp.ts';
import { type Application, trueCondition } from './application.ts';

/** Which applications to list: those that every filter lets through. */
export interface Filters {
  /** A previous client secret is valid. */
  readonly retained?: boolean;
  /** A previous client secret is valid that should have ended. */
  readonly overdue?: boolean;
  /** A rotation is due but held. */
  readonly held?: boolean;
  /** The previous client secret ends within this many milliseconds. */
  readonly expiringWithin?: number;
}

export function passes(application: Application, filters: Filters, now: number): boolean {
  const { previousSecret } = application.status;
  const expiresAt = parseTimestamp(previousSecret?.expiresAt ?? '') ?? Number.POSITIVE_INFINITY;
  return (
    (!filters.retained || isRetained(application)) &&
    (!filters.overdue || isOverdue(application, now)) &&
    (!filters.held || trueCondition(application, 'RotationHeld') !== undefined) &&
    (filters.expiringWithin === undefined || expiresAt <= now + filters.expiringWithin)
  );
}

function isRetained(application: Application): boolean {
  return (
    application.status.previousSecret !== undefined ||
    trueCondition(application, 'PreviousSecretRetained') !== undefined
  );
}

/** Whether a previous client secret is valid that spec or its expiry has ended. */
export function isOverdue(application: Application, now: number): boolean {
  const expiresAt = parseTimestamp(application.status.previousSecret?.expiresAt ?? '');
  if (expiresAt !== undefined && expiresAt <= now) return true;
  const retained = trueCondition(application, 'PreviousSecretRetained');
  return retained !== undefined && retained.reason !== 'Retained';
}
