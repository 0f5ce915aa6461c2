import type { Millis } from './record.ts';

/** What decides which client secrets are valid. */
export type Authority =
  /** The backing Secret: whoever verifies client secrets reads it. */
  { readonly kind: 'local' } | ProviderAuthority;

/** An identity provider, of which the backing Secret is the mirror. */
export interface ProviderAuthority {
  readonly kind: 'provider';
  /** Undefined: not read since something may have changed there. */
  readonly view: ProviderView | undefined;
  /** Why the provider cannot be used now. */
  readonly trouble: Trouble | undefined;
  /** When the client was last read; undefined: that is to be made up for now. */
  readonly lastReadAt: Millis | undefined;
  readonly resyncInterval: Millis;
  /** Until when a revocation whose answer did not come may still take effect. */
  readonly settlesAt: Millis | undefined;
  /** The longest that the provider retains a replaced secret, where there is a limit. */
  readonly longestRetention: Millis | undefined;
  /** Of the rotation on record, where it is known: it was not sent yet, or was refused. */
  readonly attempt: 'begun' | 'refused' | undefined;
  readonly probes: Readonly<Partial<Record<ProbedSecret, ProbeOutcome>>>;
}

/** What the provider says of the client's secrets, told by comparing with the record. */
export interface ProviderView {
  readonly current: 'recorded' | 'other';
  readonly previous: ProviderPrevious | undefined;
}

export interface ProviderPrevious {
  /** Which secret on record it is. */
  readonly is: 'previous' | 'current' | 'other';
  /** When the provider ends it by itself, where it tells. */
  readonly expiresAt: Millis | undefined;
}

/** `current`: the provider's; `replaced`, `previous`: what the backing Secret holds as its current and previous one. */
export type ProbedSecret = 'current' | 'replaced' | 'previous';

/** Whether the provider accepts a client secret from whoever signs in with it. */
export type ProbeOutcome =
  | { readonly result: 'accepted' | 'rejected' }
  | { readonly result: 'unknown'; readonly reason: string };

export interface Trouble {
  /** As a condition spells it. */
  readonly reason: string;
  readonly message: string;
  /** Whether it stays until somebody changes something. */
  readonly lasting: boolean;
}
