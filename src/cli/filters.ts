import { trueCondition } from '../api/conditions.ts';
import { isRevocationOverdue, isRotationOverdue } from '../api/overdue.ts';
import { parseTimestamp } from '../api/timestamp.ts';
import type { Application } from './application.ts';

/** Which applications to list: those that every filter lets through. */
export interface Filters {
  /** A previous client secret is valid. */
  readonly retained?: boolean;
  /** A client secret is valid that should have ended, or a rotation is due but has not happened. */
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
    (!filters.overdue || overdueReason(application, now) !== undefined) &&
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

/** Why the application is overdue, by the same measure as the operator's metrics; else undefined. */
export function overdueReason(application: Application, now: number): string | undefined {
  // A boundary that the operator refused stalls the application, and its secrets' record is not seen from here.
  const isRefused = () => trueCondition(application, 'Stalled')?.reason === 'InvalidSpec';
  if (isRevocationOverdue(application, now, isRefused)) {
    const retained = trueCondition(application, 'PreviousSecretRetained')?.reason;
    return retained === 'RevocationFailed' ? retained : 'RevocationPending';
  }
  return isRotationOverdue(application, now) ? 'RotationOverdue' : undefined;
}
