import type { SecretAction, Wait } from '../../rotation/decision.ts';

/** How a reconciliation ended: with nothing left to do, or with a write that failed. */
export type Ending =
  | { readonly kind: 'settled'; readonly wait: Wait }
  /** `message` holds no secret value. */
  | { readonly kind: 'failed'; readonly action: SecretAction; readonly message: string };
