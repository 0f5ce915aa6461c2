import type { Millis, RevocationReason } from './record.ts';

export type RotationCause = 'RotateAfter' | 'Every' | 'IssuedBefore';
export type IssueCause = 'NoSecret' | 'ValueMissing' | 'FormerValue';

/** One step that changes the backing Secret. Each is a single write. */
export type Action =
  | {
      readonly kind: 'Issue';
      readonly cause: IssueCause;
      readonly version: number;
      readonly issuedAt: Millis;
    }
  /** Take over an offered Secret, its client secret as it is. */
  | { readonly kind: 'Adopt'; readonly version: number; readonly issuedAt: Millis }
  /** Somebody replaced the client secret by hand: it becomes the next version. */
  | { readonly kind: 'Accept'; readonly version: number; readonly issuedAt: Millis }
  | {
      readonly kind: 'Rotate';
      readonly cause: RotationCause;
      readonly version: number;
      readonly issuedAt: Millis;
      /** Absent: the replaced secret ends at once, and so does a previous one. */
      readonly retain: { readonly retiredAt: Millis; readonly expiresAt: Millis } | undefined;
    }
  | { readonly kind: 'RevokePrevious'; readonly reason: RevocationReason }
  /** Take away a value under the previous secret's key that no rotation put there. */
  | { readonly kind: 'DropStray' }
  /** Write down which boundaries are refused, so that they do not fire when their time comes. */
  | { readonly kind: 'RecordRefusals' }
  /** Bring the secrets to the Secret that spec names now. */
  | { readonly kind: 'Move' }
  | { readonly kind: 'DeleteLeftover'; readonly name: string }
  | { readonly kind: 'Repair'; readonly drift: readonly string[] };

export type HoldReason =
  | 'Suspended'
  | 'RotationsPaused'
  | 'PreviousSecretRetained'
  | 'RevokePreviousSecretIsTrue';

/** A rotation that is due but must not start. */
export interface Hold {
  readonly reason: HoldReason;
  readonly cause: RotationCause;
}

/** What stands in the way of spec; `message` says what to do about it. */
export interface Impediment {
  readonly reason:
    | 'InvalidSpec'
    | 'SecretConflict'
    | 'SecretImmutable'
    | 'SecretMalformed'
    | 'SecretTerminating'
    | 'FormerSecretRestored';
  readonly message: string;
}

/** Nothing to do now. */
export interface Wait {
  readonly kind: 'Wait';
  /** When the passage of time alone will change the decision. */
  readonly until: Millis | undefined;
  readonly hold: Hold | undefined;
  readonly impediment: Impediment | undefined;
  /** What is not done because the clock cannot be trusted. */
  readonly awaitsClock: Action | undefined;
}

export type Decision = Action | Wait;
