import { trueCondition } from '../api/conditions.ts';
import { annotations } from '../api/names.ts';
import { type BoundaryField, isRevocationOverdue, isRotationOverdue } from '../api/overdue.ts';
import { parseTimestamp } from '../api/timestamp.ts';
import { keyOf, type Store } from '../kubernetes/store.ts';
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
    if (trueCondition(application, 'Ready') !== undefined) ready += 1;
    // Its spec asks for nothing any more, and its status is not kept: only its Secret counts.
    if (application.metadata.deletionTimestamp !== undefined) continue;
    const rotationHeld = trueCondition(application, 'RotationHeld');
    if (rotationHeld !== undefined) count(held, rotationHeld.reason);
    else if (isRotationOverdue(application, now)) rotationsOverdue += 1;
    const stalling = trueCondition(application, 'Stalled');
    if (stalling !== undefined) count(stalled, stalling.reason);
    const previous = trueCondition(application, 'PreviousSecretRetained');
    if (previous?.reason === 'RevocationFailed') failing += 1;
    const key = keyOf(application.metadata);
    const isRefused = (field: BoundaryField) =>
      refuses(secrets, key, field, application.spec[field]);
    if (isRevocationOverdue(application, now, isRefused)) overdue.add(key);
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

/** Whether the time in spec was too far ahead when it was set: it ends nothing when it has come. */
function refuses(
  secrets: Store<SecretObject>,
  key: string,
  field: BoundaryField,
  text: string | undefined,
): boolean {
  return secrets.byIndex(APPLICATION_INDEX, key).some((secret) => {
    const reading = readRecord(secret);
    return reading.kind === 'record' && reading.stored.record.refused[field] === text;
  });
}

function count(counts: Record<string, number>, reason: string): void {
  counts[reason] = (counts[reason] ?? 0) + 1;
}
