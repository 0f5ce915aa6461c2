import { annotations } from '../api/names.ts';
import { parseTimestamp } from '../api/timestamp.ts';
import type { Store } from '../kubernetes/store.ts';
import type { OIDCApplication, SecretObject } from './resources.ts';

/** What all applications and backing Secrets amount to at one moment. */
export interface Census {
  readonly applications: { readonly ready: number; readonly notReady: number };
  /** Backing Secrets that hold a valid previous secret. */
  readonly retained: number;
  /** Of those, the ones that should have ended by now. */
  readonly overdue: number;
  /** Held rotations by reason. */
  readonly held: Readonly<Record<string, number>>;
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
  let unfulfilled = 0;
  const held: Record<string, number> = {};
  const stalled: Record<string, number> = {};
  for (const { status } of applications.values()) {
    for (const condition of status?.conditions ?? []) {
      if (condition.status !== 'True') continue;
      if (condition.type === 'Ready') ready += 1;
      if (condition.type === 'RotationHeld') count(held, condition.reason);
      if (condition.type === 'Stalled') count(stalled, condition.reason);
      if (condition.type === 'PreviousSecretRetained' && OVERDUE_REASONS.has(condition.reason)) {
        unfulfilled += 1;
      }
    }
  }
  let retained = 0;
  let expired = 0;
  for (const { metadata } of secrets.values()) {
    const expiresAt = metadata.annotations?.[annotations.previousExpiresAt];
    if (expiresAt === undefined) continue;
    retained += 1;
    if ((parseTimestamp(expiresAt) ?? now) < now) expired += 1;
  }
  return {
    applications: { ready, notReady: applications.size - ready },
    retained,
    overdue: Math.max(unfulfilled, expired),
    held,
    stalled,
  };
}

function count(counts: Record<string, number>, reason: string): void {
  counts[reason] = (counts[reason] ?? 0) + 1;
}
