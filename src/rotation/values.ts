import type { SecretRecord } from './record.ts';

/** Where the values of the next state come from. */
export interface ValueMoves {
  /** `fresh`: a value made now; `observed`: the one that stands there; `provider`: the provider's. */
  readonly current: 'fresh' | 'observed' | 'provider';
  /** `keep`: as it is; `current`: the current one moves there; `none`: the key goes. */
  readonly previous: 'keep' | 'current' | 'provider' | 'none';
}

export interface Transition {
  readonly record: SecretRecord;
  readonly values: ValueMoves;
}
