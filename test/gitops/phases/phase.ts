import type { ConditionType } from '../../../src/api/conditions.ts';
import type { LiveObject } from '../live.ts';

/** A state in which an object stays until somebody or something changes, and how it is shown there. */
export interface Phase {
  readonly name: string;
  /** Brings an object there, with the operator at work, and resolves to it. */
  readonly reach: () => Promise<LiveObject>;
  readonly argocd: 'Healthy' | 'Suspended' | 'Progressing' | 'Degraded';
  readonly kstatus: 'Current' | 'InProgress' | 'Failed' | 'Terminating';
  /** The condition whose message Argo CD shows; absent where no condition is about the present. */
  readonly tells?: ConditionType;
}
