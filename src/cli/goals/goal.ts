import type { ConditionType } from '../../api/conditions.ts';
import type { Field } from '../ownership.ts';

/** What a command waits for. */
export type Goal =
  | {
      /**
       * rotation: the current client secret is as new as rotateAfter asks. revocation: nothing is
       * valid any more that spec says must have ended. settled: both, as far as their time has come.
       */
      readonly kind: 'rotation' | 'revocation' | 'settled';
      /** What the command set: it is waited for even if spec says something else by then. */
      readonly stated?: Field;
    }
  | { readonly kind: 'condition'; readonly type: ConditionType; readonly status: string };

/** Where an application is on the way to a goal. */
export type Progress =
  | { readonly kind: 'reached' }
  | { readonly kind: 'pending'; readonly message: string }
  /** Waiting is of no use: somebody has to change something first. */
  | { readonly kind: 'blocked'; readonly message: string };

export const REACHED: Progress = { kind: 'reached' };

export function pending(message: string): Progress {
  return { kind: 'pending', message };
}

export function blocked(message: string): Progress {
  return { kind: 'blocked', message };
}
