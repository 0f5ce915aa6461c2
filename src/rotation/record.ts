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
}

/** Why a secret ended. `Removed`: somebody took it out of the backing Secret. */
export type RevocationReason =
  | 'Requested'
  | 'RetiredBefore'
  | 'IssuedBefore'
  | 'Expired'
  | 'NotRetained'
  | 'Removed';

export interface Revocation {
  readonly version: number;
  readonly time: Millis;
  readonly reason: RevocationReason;
}

/** The two fields of spec that end every secret from before a moment. */
export type BoundaryField = 'revokeRetiredBefore' | 'revokeIssuedBefore';

/** Boundaries that were too far in the future when they were seen, as spec spelt them. */
export type RefusedBoundaries = Readonly<Partial<Record<BoundaryField, string>>>;

/** How often in a row somebody put a former client secret back, and under which field manager. */
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
}
