import type { Authority } from '../authority.ts';
import type { Action } from '../decision.ts';
import type { Observation, OwnedSecret } from '../observation.ts';

/** One statement of spec: the step it asks for now, or nothing where it holds. */
export interface Rule {
  readonly name: string;
  /** Which authority it is for; undefined: for every one. */
  readonly authority?: Authority['kind'];
  /** Whether it reads the clock, and so must not act on one that cannot be trusted. */
  readonly timed: boolean;
  /** Whether `spec.suspend` stops it: it issues, rotates or repairs. */
  readonly suspendable: boolean;
  /** Whether it goes on when the application is gone: it ends what was promised to end. */
  readonly outlivesApplication: boolean;
  readonly apply: (o: Observation, home: OwnedSecret) => Action | undefined;
}
