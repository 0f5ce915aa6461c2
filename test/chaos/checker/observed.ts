import type { Millis } from './times.ts';

/** A value of a Secret by an ordinal name, such as `v12`; the empty text where it is empty. */
export type Token = string;

export interface Owner {
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  readonly controller: boolean;
}

/** A Secret without its values. */
export interface SecretState {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly data: Readonly<Record<string, Token>>;
  readonly owners: readonly Owner[];
  readonly immutable: boolean;
  readonly deleting: boolean;
}

export interface Boundary {
  readonly text: string;
  readonly time: Millis;
}

export interface Keys {
  readonly clientID: string;
  readonly clientSecret: string;
  readonly previousClientSecret: string;
}

export interface Spec {
  readonly secretName: string;
  readonly keys: Keys;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly rotateAfter: Millis | undefined;
  readonly every: Millis | undefined;
  /** 0: not at all. */
  readonly retainPreviousFor: Millis;
  readonly revokePreviousSecret: boolean;
  readonly revokeRetiredBefore: Boundary | undefined;
  readonly revokeIssuedBefore: Boundary | undefined;
  readonly suspend: boolean;
  readonly deletionPolicy: string;
}

export interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
  readonly observedGeneration: number | undefined;
}

export interface Status {
  readonly observedGeneration: number | undefined;
  readonly clientID: string | undefined;
  readonly secretName: string | undefined;
  readonly current: { readonly version: number; readonly issuedAt: Millis } | undefined;
  readonly previous:
    | {
        readonly version: number;
        readonly issuedAt: Millis;
        readonly retiredAt: Millis;
        readonly expiresAt: Millis;
      }
    | undefined;
  readonly lastRevocation:
    | { readonly version: number; readonly time: Millis; readonly reason: string }
    | undefined;
  readonly nextRotationTime: Millis | undefined;
  readonly conditions: readonly Condition[];
}

export interface ApplicationState {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly generation: number;
  readonly deleting: boolean;
  readonly spec: Spec;
  readonly status: Status | undefined;
}

/** One state that was stored, in the order in which the API server stored them. */
export type Moment = {
  readonly revision: bigint;
  /** The true time at which it was seen, shortly after it was stored. */
  readonly at: Millis;
  /** `collector`: Kubernetes' garbage collection. */
  readonly by: 'user' | 'operator' | 'collector';
  /** Whether this is the last state of something that is gone now. */
  readonly gone: boolean;
  /** Whether another process than the leader may have written it. */
  readonly contested: boolean;
} & (
  | { readonly kind: 'secret'; readonly state: SecretState }
  | { readonly kind: 'application'; readonly state: ApplicationState }
);

export function keyOf({ namespace, name }: { namespace: string; name: string }): string {
  return `${namespace}/${name}`;
}
