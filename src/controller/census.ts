import { annotations } from '../api/names.ts';
import type { Condition, OIDCApplicationStatus } from '../api/oidcapplication.gen.ts';
import { parseTimestamp } from '../api/timestamp.ts';
import { keyOf, type Store } from '../kubernetes/store.ts';
import { TOLERANCE } from '../rotation/boundaries.ts';
import { applicationKeys } from './indexes.ts';
import type { OIDCApplication, SecretObject } from './resources.ts';

/** What all applications and backing Secrets amount to at one moment. */
export interface Census {
  readonly applications: { readonly ready: number; readonly notReady: number };
  /** Backing Secrets that hold a valid previous secret. */
  readonly retained: number;
  readonly revocations: {
    /** Applications, deleted ones too, of which a client secret is valid that should have ended. */
    readonly overdue: number;
    /** Applications of which ending the previous secret failed. */
    readonly failing: number;
  };
  readonly rotations: {
    /** Those that are due, not held, and not done. */
    readonly overdue: number;
    /** Held ones by reason. */
    readonly held: Readonly<Record<string, number>>;
  };
  /** Applications that need a change, by reason. */
  readonly stalled: Readonly<Record<string, number>>;
}

const OVERDUE_REASONS = new Set(['RevocationPending', 'RevocationFailed']);

export function takeCensus(
  applications: Store<OIDCApplication>,
  secrets: Store<SecretObject>,
  now: number,
): Census {
  let ready = 0;
  let failing = 0;
  let rotationsOverdue = 0;
  const overdue = new Set<string>();
  const held: Record<string, number> = {};
  const stalled: Record<string, number> = {};
  for (const application of applications.values()) {
    const { Ready, RotationHeld, Stalled, PreviousSecretRetained } = trueConditions(application);
    if (Ready !== undefined) ready += 1;
    if (RotationHeld !== undefined) count(held, RotationHeld.reason);
    else if (isRotationDue(application.status, now)) rotationsOverdue += 1;
    if (Stalled !== undefined) count(stalled, Stalled.reason);
    const retained = PreviousSecretRetained?.reason ?? '';
    if (retained === 'RevocationFailed') failing += 1;
    if (OVERDUE_REASONS.has(retained) || isIssuedTooEarly(application, now)) {
      overdue.add(keyOf(application.metadata));
    }
  }
  let retained = 0;
  for (const secret of secrets.values()) {
    const expiresAt = secret.metadata.annotations?.[annotations.previousExpiresAt];
    if (expiresAt === undefined) continue;
    retained += 1;
    if ((parseTimestamp(expiresAt) ?? now) < now) {
      overdue.add(applicationKeys(secret)[0] ?? keyOf(secret.metadata));
    }
  }
  return {
    applications: { ready, notReady: applications.size - ready },
    retained,
    revocations: { overdue: overdue.size, failing },
    rotations: { overdue: rotationsOverdue, held },
    stalled,
  };
}

function trueConditions({ status }: OIDCApplication): Readonly<Record<string, Condition>> {
  const conditions = status?.conditions?.filter((condition) => condition.status === 'True') ?? [];
  return Object.fromEntries(conditions.map((condition) => [condition.type, condition]));
}

function isRotationDue(status: OIDCApplicationStatus | undefined, now: number): boolean {
  return (parseTimestamp(status?.nextRotationTime ?? '') ?? now) < now;
}

/** Whether `revokeIssuedBefore` asks for the end of the secret that is the current one still. */
function isIssuedTooEarly({ spec, status }: OIDCApplication, now: number): boolean {
  const boundary = parseTimestamp(spec.revokeIssuedBefore ?? '');
  const issuedAt = parseTimestamp(status?.currentSecret?.issuedAt ?? '');
  if (boundary === undefined || issuedAt === undefined) return false;
  return issuedAt < boundary && boundary <= now + TOLERANCE;
}

function count(counts: Record<string, number>, reason: string): void {
  counts[reason] = (counts[reason] ?? 0) + 1;
}
