import { type ApplicationSpec, effectiveSpec, InvalidSpecError } from '../../api/application.ts';
import type { Application } from '../application.ts';
import type { Goal } from '../goals/goal.ts';
import type { Field } from '../ownership.ts';

/** What a command is going to do with one application. */
export type Plan =
  | {
      readonly kind: 'change';
      readonly fields: readonly Field[];
      /** What is going to happen, in sentences. */
      readonly consequences: readonly string[];
      /** Whether a client secret ends by it before its time, which nothing brings back. */
      readonly irreversible: boolean;
      /** Why it will not happen at once, or not as one might expect. */
      readonly warnings: readonly string[];
      readonly goal: Goal;
    }
  /** What is asked for holds. */
  | { readonly kind: 'nothing'; readonly message: string }
  /** Spec asks for it, but it has not happened yet. */
  | { readonly kind: 'underway'; readonly message: string; readonly goal: Goal }
  | { readonly kind: 'refused'; readonly message: string };

/** Reads spec, and refuses where it cannot be read. */
export function withSpec(application: Application, plan: (spec: ApplicationSpec) => Plan): Plan {
  try {
    return plan(effectiveSpec(application.metadata, application.spec));
  } catch (error) {
    if (!(error instanceof InvalidSpecError)) throw error;
    return { kind: 'refused', message: `${error.message}: put it right first.` };
  }
}
