/** An application, by the number of its namespace and its name. */
export interface Target {
  readonly namespace: number;
  readonly name: string;
}

/**
 * A time of spec, told by milliseconds from the moment at which it is written, or from when the
 * current secret was issued or the previous one retired; from now where there is none.
 */
export interface PlannedTime {
  readonly from: 'now' | 'issued' | 'retired';
  readonly ms: number;
}

/** What an edit sets; null takes a field away. */
export interface SpecEdit {
  readonly rotateAfter?: PlannedTime | null;
  readonly every?: string | null;
  readonly retainPreviousFor?: string;
  readonly revokePreviousSecret?: boolean;
  readonly revokeRetiredBefore?: PlannedTime | null;
  readonly revokeIssuedBefore?: PlannedTime | null;
  readonly suspend?: boolean;
  readonly deletionPolicy?: 'Retain' | 'Delete';
  readonly secretName?: string | null;
  readonly keys?: 'default' | 'renamed';
  readonly labels?: Readonly<Record<string, string | null>>;
  readonly annotations?: Readonly<Record<string, string | null>>;
}

/** What stands there afterwards: a new value, one that had ended, the empty one, or no key. */
export type Put = 'new' | 'former' | 'empty' | 'absent';

export type FaultName =
  | 'conflict'
  | 'gone'
  | 'too many requests'
  | 'server error'
  | 'unavailable'
  | 'timeout'
  | 'reset'
  | 'lost answer'
  | 'cut answer'
  | 'cut watch'
  | 'silent watch'
  | 'error event'
  | 'held write'
  | 'lease refused'
  | 'outage';

export type Replicas = 0 | 1 | 'both';

/** A thing that happens. What it finds, such as a former value, is looked up when it happens. */
export type Action =
  | { readonly kind: 'create'; readonly target: Target; readonly spec: SpecEdit }
  | { readonly kind: 'edit'; readonly target: Target; readonly spec: SpecEdit }
  | { readonly kind: 'delete'; readonly target: Target }
  | { readonly kind: 'clear status'; readonly target: Target }
  | { readonly kind: 'delete Secret'; readonly target: Target }
  | { readonly kind: 'put current'; readonly target: Target; readonly put: Put }
  | { readonly kind: 'put previous'; readonly target: Target; readonly put: Put }
  | { readonly kind: 'add data'; readonly target: Target }
  | { readonly kind: 'freeze Secret'; readonly target: Target }
  | { readonly kind: 'malform'; readonly target: Target; readonly annotation: string }
  | { readonly kind: 'repair'; readonly target: Target }
  | { readonly kind: 'strip labels'; readonly target: Target }
  /** Somebody puts a Secret of their own in the place of the application's. */
  | { readonly kind: 'usurp'; readonly target: Target; readonly offered: boolean }
  | {
      readonly kind: 'occupy';
      readonly target: Target;
      readonly name: string;
      readonly offered: boolean;
    }
  | { readonly kind: 'vacate'; readonly target: Target; readonly name: string }
  | { readonly kind: 'advance clock'; readonly ms: number }
  | { readonly kind: 'set clock wrong'; readonly replica: number; readonly ms: number }
  | { readonly kind: 'kill'; readonly replica: number; readonly downMs: number }
  | { readonly kind: 'stop'; readonly replica: number; readonly downMs: number }
  | {
      readonly kind: 'pause';
      readonly replica: number;
      readonly ms: number;
      /** As soon as it has sent a request, whose answer then waits for it. */
      readonly whenBusy: boolean;
    }
  | { readonly kind: 'delete Lease' }
  | { readonly kind: 'cut watches'; readonly replicas: Replicas }
  | {
      readonly kind: 'fault';
      readonly replicas: Replicas;
      readonly fault: FaultName;
      /** How often it is met before it ends. */
      readonly times: number;
    };

/** A burst of actions, after which all faults end and everything must come to rest. */
export interface Round {
  readonly actions: readonly { readonly action: Action; readonly pauseMs: number }[];
  /** Nothing wakes the operator: it has to notice by itself what is to be done. */
  readonly patient: boolean;
}

export const NAMESPACES = 2;
export const NAMES = ['alpha', 'bravo', 'carol', 'delta'] as const;
export const REPLICAS = 2;
