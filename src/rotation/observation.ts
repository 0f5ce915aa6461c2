import type { ApplicationSpec } from '../api/application.ts';
import type { Authority } from './authority.ts';
import type { Impediment } from './decision.ts';
import type { Millis, SecretRecord } from './record.ts';

/** What stands at the key of the current client secret, told by digest. */
export type CurrentValue =
  | { readonly kind: 'intact' }
  | { readonly kind: 'missing' }
  /** Somebody wrote a value that was never this application's. */
  | { readonly kind: 'foreign'; readonly manager?: string | undefined }
  /** Somebody put back a value that was current or previous before. */
  | { readonly kind: 'former'; readonly manager: string | undefined };

/** What stands at the key of the previous client secret, told by digest. */
export type PreviousValue =
  /** As recorded, which may be: nothing recorded and nothing there. */
  | 'intact'
  /** A previous secret is recorded, but its value was removed or overwritten. */
  | 'lost'
  /** Nothing is recorded, but there is a value. */
  | 'stray';

/** A backing Secret that belongs to the application, under whatever name. */
export interface OwnedSecret {
  readonly name: string;
  readonly record: SecretRecord;
  readonly current: CurrentValue;
  readonly previous: PreviousValue;
  readonly immutable: boolean;
  /** Why a part of spec cannot be carried out on it, while the rest goes on. */
  readonly impediment: Impediment | undefined;
  /** What differs from what spec and record say it should hold, in words. */
  readonly drift: readonly string[];
  /** The Secret that it was moved from and that still exists. */
  readonly leftover: string | undefined;
}

/** What stands under the name that spec gives the backing Secret. */
export type Target =
  | { readonly kind: 'free' }
  /** Ours: the home itself, or an outdated copy of it. */
  | { readonly kind: 'ours' }
  /** Somebody else's, offered by annotation. */
  | { readonly kind: 'adoptable' }
  | { readonly kind: 'obstructed'; readonly impediment: Impediment };

/** All that a decision depends on. */
export interface Observation {
  readonly now: Millis;
  /** False while the operator's clock and the API server's differ too much to act on time. */
  readonly clockTrusted: boolean;
  /** The operator starts no rotation by `rotateAfter` or `every`, of any application. */
  readonly rotationsPaused: boolean;
  readonly spec: ApplicationSpec;
  readonly uid: string;
  /** The application's `metadata.generation`; 0 where it is gone. */
  readonly generation: number;
  readonly authority: Authority;
  /** When somebody asked for the application to be deleted. */
  readonly deletedAt: Millis | undefined;
  /** Whether the operator's finalizer is on the application. */
  readonly holdsDeletion: boolean;
  /** The application is gone, on its way, or its spec cannot be read: only what was promised to end is ended. */
  readonly expiryOnly: boolean;
  /** The owned Secret of the highest version. */
  readonly home: OwnedSecret | undefined;
  readonly target: Target;
  /** The highest version that status remembers, so that none is given twice. */
  readonly versionFloor: number;
}
