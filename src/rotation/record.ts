import type { BoundaryField } from '../api/overdue.ts';

/** Milliseconds: since the epoch for a moment, else a length of time. */
export type Millis = number;

export interface IssuedSecret {
  readonly version: number;
  readonly issuedAt: Millis;
}

export interface RetainedSecret extends IssuedSecret {
  /** When its successor took its place. */
  readonly retiredAt: Millis;
  readonly expiresAt: Millis;
  /** Absent where a rotation of the operator's retained it. */
  readonly discovery?: Discovery | undefined;
  /** It was not to be retained, and yet the provider has it or accepts it: it ends at once. */
  readonly unpromised?: true | undefined;
}

/** What spec said when a previous secret was found at the provider that somebody else retained there. */
export interface Discovery {
  /** The application's UID. */
  readonly uid: string;
  readonly generation: number;
}

/** Why a secret ended. `Removed`: somebody else ended it. `Deleted`: its application was deleted. */
export type RevocationReason =
  | 'Requested'
  | 'RetiredBefore'
  | 'IssuedBefore'
  | 'Expired'
  | 'NotRetained'
  | 'Removed'
  | 'Deleted';

export interface Revocation {
  readonly version: number;
  readonly time: Millis;
  readonly reason: RevocationReason;
  /** Absent where the provider was not asked whether it still accepts the secret. */
  readonly verification?: Verification | undefined;
}

/** What was found when the provider was asked whether it still accepts a secret that has ended. */
export type Verification =
  | { readonly result: 'Verified' }
  | { readonly result: 'Unverifiable'; readonly message: string };

export type RotationCause = 'RotateAfter' | 'Every' | 'IssuedBefore';

/**
 * A rotation at the provider that was about to be sent. Whether it happened shows in the provider's
 * current secret: it is then not the one on record any more.
 */
export interface RotationIntent {
  readonly cause: RotationCause;
  readonly version: number;
  readonly startedAt: Millis;
  readonly issuedAt: Millis;
  readonly retiredAt: Millis;
  /** Absent: the replaced secret ends at once. */
  readonly retainUntil: Millis | undefined;
}

/** Boundaries that were too far in the future when they were seen, as spec spelt them. */
export type RefusedBoundaries = Readonly<Partial<Record<BoundaryField, string>>>;

/** How often in a row a client secret that somebody put there was replaced, and by which field manager. */
export interface Restorations {
  readonly count: number;
  readonly lastAt: Millis;
  readonly by: string | undefined;
}

/**
 * What is known of an application's secrets, without their values. It lives in the annotations of
 * the backing Secret, beside the values it describes.
 */
export interface SecretRecord {
  readonly current: IssuedSecret;
  readonly previous: RetainedSecret | undefined;
  readonly lastRevocation: Revocation | undefined;
  readonly refused: RefusedBoundaries;
  readonly restorations: Restorations | undefined;
  readonly intent: RotationIntent | undefined;
}
