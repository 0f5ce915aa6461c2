import { annotations } from '../api/names.ts';
import type { Condition, OIDCApplicationStatus } from '../api/oidcapplication.gen.ts';
import { parseTimestamp } from '../api/timestamp.ts';
import { keyOf, type Store } from '../kubernetes/store.ts';
import { TOLERANCE } from '../rotation/boundaries.ts';
import type { BoundaryField } from '../rotation/record.ts';
import { readRecord } from './backing-secret/read.ts';
import { APPLICATION_INDEX, applicationKeys } from './indexes.ts';
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
    // Its spec asks for nothing any more, and its status is not kept: only its Secret counts.
    if (application.metadata.deletionTimestamp !== undefined) continue;
    if (RotationHeld !== undefined) count(held, RotationHeld.reason);
    else if (isRotationDue(application.status, now)) rotationsOverdue += 1;
    if (Stalled !== undefined) count(stalled, Stalled.reason);
    const retained = PreviousSecretRetained?.reason ?? '';
    if (retained === 'RevocationFailed') failing += 1;
    if (OVERDUE_REASONS.has(retained) || isToHaveEnded(application, retained, secrets, now)) {
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

/**
 * Whether a secret is to end that status told of last: the condition does not say so where the backing
 * Secret cannot be read, or where the application could not be looked at.
 */
function isToHaveEnded(
  { metadata, spec, status }: OIDCApplication,
  retained: string,
  secrets: Store<SecretObject>,
  now: number,
): boolean {
  const { currentSecret, previousSecret } = status ?? {};
  const isBefore = (text: string | undefined, end: number) =>
    (parseTimestamp(text ?? '') ?? Infinity) < end;
  const precedes = (text: string | undefined, field: BoundaryField) => {
    const boundary = parseTimestamp(spec[field] ?? '');
    if (boundary === undefined || boundary > now + TOLERANCE) return false;
    return isBefore(text, boundary) && !isRefused(field, spec[field], keyOf(metadata), secrets);
  };
  if (precedes(currentSecret?.issuedAt, 'revokeIssuedBefore')) return true;
  if (previousSecret === undefined) return false;
  return (
    (spec.revokePreviousSecret === true && retained !== 'RevocationHeld') ||
    isBefore(previousSecret.expiresAt, now) ||
    precedes(previousSecret.issuedAt, 'revokeIssuedBefore') ||
    precedes(previousSecret.retiredAt, 'revokeRetiredBefore')
  );
}

/** Whether the time in spec was too far ahead when it was set: it ends nothing when it has come. */
function isRefused(
  field: BoundaryField,
  text: string | undefined,
  key: string,
  secrets: Store<SecretObject>,
): boolean {
  return secrets.byIndex(APPLICATION_INDEX, key).some((secret) => {
    const reading = readRecord(secret);
    return reading.kind === 'record' && reading.stored.record.refused[field] === text;
  });
}

function count(counts: Record<string, number>, reason: string): void {
  counts[reason] = (counts[reason] ?? 0) + 1;
}
