import type { ProbedSecret, Trouble } from './authority.ts';
import type {
  IssuedSecret,
  Millis,
  RetainedSecret,
  RevocationReason,
  RotationCause,
  RotationIntent,
  Verification,
} from './record.ts';

export type IssueCause = 'NoSecret' | 'ValueMissing' | 'FormerValue';

/** One step that changes the backing Secret. Each is a single write. */
export type SecretAction =
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
  | {
      readonly kind: 'RevokePrevious';
      readonly reason: RevocationReason;
      /** Absent where nobody was asked whether it still works. */
      readonly verification?: Verification | undefined;
    }
  /** Take away a value under the previous secret's key that no rotation put there. */
  | { readonly kind: 'DropStray' }
  /** Write down which boundaries are refused, so that they do not fire when their time comes. */
  | { readonly kind: 'RecordRefusals' }
  /** Bring the secrets to the Secret that spec names now. */
  | { readonly kind: 'Move' }
  | { readonly kind: 'DeleteLeftover'; readonly name: string }
  | { readonly kind: 'Repair'; readonly drift: readonly string[] }
  | MirrorAction;

/** A step that has the backing Secret tell what is so at the provider. */
export type MirrorAction =
  /** Publish for the first time what the client has at the provider. */
  | {
      readonly kind: 'Import';
      readonly current: IssuedSecret;
      readonly previous: RetainedSecret | undefined;
    }
  /** Write down that a rotation is about to be sent. */
  | { readonly kind: 'BeginRotation'; readonly intent: RotationIntent }
  /** A rotation that was written down did not happen, and is not asked for any more. */
  | { readonly kind: 'DropIntent' }
  /** Publish what a rotation has made. */
  | {
      readonly kind: 'ConcludeRotation';
      readonly cause: RotationCause;
      readonly current: IssuedSecret;
      readonly previous: RetainedSecret | undefined;
      /** Of the replaced secret, where it has ended. */
      readonly verification: Verification | undefined;
      /** Whether somebody else replaced the secret too. */
      readonly twice: boolean;
      /** Whether the provider did not accept the new secret for as long as it was waited for. */
      readonly unaccepted: boolean;
    }
  /** Publish what somebody else changed at the provider. */
  | {
      readonly kind: 'Follow';
      /** Undefined: the current secret is as it was. */
      readonly current: IssuedSecret | undefined;
      readonly previous: RetainedSecret | 'keep';
    }
  /** Put the provider's values back where somebody changed them in the backing Secret. */
  | { readonly kind: 'Republish' };

/** A request to the provider, which changes nothing in Kubernetes. */
export type ProviderAction =
  | { readonly kind: 'ReadProvider' }
  | { readonly kind: 'SendRotation'; readonly intent: RotationIntent }
  | { readonly kind: 'RevokeAtProvider'; readonly version: number }
  | { readonly kind: 'Probe'; readonly secret: ProbedSecret };

/** A change of the application's finalizer. */
export type FinalizerAction =
  | { readonly kind: 'HoldDeletion' }
  /** `abandoned`: although a previous secret is still valid at the provider. */
  | { readonly kind: 'ReleaseDeletion'; readonly abandoned: boolean };

export type Action = SecretAction | ProviderAction | FinalizerAction;

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

/** What is waited for at the provider, although it answers. */
export type Pending =
  /** The provider does not show a previous secret any more, and yet accepts it. */
  | { readonly kind: 'StillAccepted'; readonly version: number; readonly reason: RevocationReason }
  /** The provider does not accept the secret yet that a rotation has made. */
  | { readonly kind: 'NotYetAccepted'; readonly version: number }
  /** A rotation may have been sent whose outcome is unknown, and may still take effect. */
  | { readonly kind: 'RotationUnclear'; readonly version: number }
  /** A revocation may still take effect that must not reach what the next rotation retains. */
  | { readonly kind: 'RevocationUnclear'; readonly version: number };

/** Nothing to do now. */
export interface Wait {
  readonly kind: 'Wait';
  /** When the passage of time alone will change the decision. */
  readonly until: Millis | undefined;
  readonly hold: Hold | undefined;
  readonly impediment: Impediment | undefined;
  /** What is not done because the clock cannot be trusted. */
  readonly awaitsClock: Action | undefined;
  /** What is not done because of the provider: for `trouble`, or because something is pending. */
  readonly awaitsProvider: Action | undefined;
  readonly trouble: Trouble | undefined;
  readonly pending: Pending | undefined;
}

export type Decision = Action | Wait;
