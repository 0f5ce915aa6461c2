// Generated from crds/keyturn.dev_oidcapplications.yaml by crds/generate.ts: do not edit.

/**
 * The state that must hold.
 */
export interface OIDCApplicationSpec {
  /**
   * The OIDC client ID, as the identity provider knows it: 1 to 255 visible ASCII characters; a space can be inside, not at an end.
   */
  clientID?: string;
  providerRef?: ProviderReference;
  secret?: BackingSecret;
  rotation?: RotationPolicy;
  /**
   * While true, no previous client secret is valid: one that is retained is revoked at once, which cannot be undone, and consumers that still use it fail.
   */
  revokePreviousSecret?: boolean;
  /**
   * No previous client secret that was replaced before this time is valid: one that is retained is revoked, which cannot be undone.
   */
  revokeRetiredBefore?: string;
  /**
   * No client secret issued before this time is valid, the current one included: it is replaced at once and nothing is retained, which cannot be undone, and consumers fail until they have read the new one.
   */
  revokeIssuedBefore?: string;
  /**
   * Whether the identity provider is asked, before the operator discards its copy of a revoked client secret, if it really does not accept it any more.
   */
  verifyRevocation?: boolean;
  /**
   * While true, nothing is issued, rotated or repaired.
   */
  suspend?: boolean;
  /**
   * What becomes of the backing Secret when the application is deleted.
   */
  deletionPolicy?: 'Retain' | 'Delete';
}
/**
 * The identity provider that holds the client secret.
 */
export interface ProviderReference {
  /**
   * OIDCProvider: one in the application's own namespace.
   */
  kind: 'OIDCProvider' | 'ClusterOIDCProvider';
  /**
   * The name of that resource.
   */
  name: string;
}
/**
 * The backing Secret, in the application's namespace: where consumers find the client ID and the client secret.
 */
export interface BackingSecret {
  /**
   * The name of the backing Secret, up to 253 characters.
   */
  name?: string;
  keys?: SecretKeys;
  /**
   * Labels to set on the backing Secret, up to 32.
   */
  labels?: {
    [k: string]: string;
  };
  /**
   * Annotations to set on the backing Secret, up to 32, with values of up to 1024 characters.
   */
  annotations?: {
    [k: string]: string;
  };
}
/**
 * The keys of the values in the backing Secret, each different from the others.
 */
export interface SecretKeys {
  /**
   * The key of the client ID: letters, digits, '-', '_' and '.', up to 253 characters.
   */
  clientID?: string;
  /**
   * The key of the current client secret: letters, digits, '-', '_' and '.', up to 253 characters.
   */
  clientSecret?: string;
  /**
   * The key of the previous client secret, there only while one is valid: letters, digits, '-', '_' and '.', up to 253 characters.
   */
  previousClientSecret?: string;
  /**
   * The key of the issuer URL of the identity provider: letters, digits, '-', '_' and '.', up to 253 characters.
   */
  issuer?: string;
}
/**
 * When the current client secret is replaced, and how long the one before stays valid.
 */
export interface RotationPolicy {
  /**
   * The current client secret must have been issued at or after this time, once it has come: a time to come plans a rotation, the present time rotates now, and one in the past that is fulfilled does no harm.
   */
  rotateAfter?: string;
  /**
   * The current client secret must never be older than this.
   */
  every?: string;
  /**
   * How long the previous client secret stays valid after a rotation.
   */
  retainPreviousFor?: string;
}

/**
 * What the operator last saw and did.
 */
export interface OIDCApplicationStatus {
  /**
   * The metadata.generation that this status is about; -1 where there is none yet.
   */
  observedGeneration?: number;
  /**
   * The client ID in effect.
   */
  clientID?: string;
  /**
   * The name of the backing Secret in effect.
   */
  secretName?: string;
  currentSecret?: CurrentSecretStatus;
  previousSecret?: PreviousSecretStatus;
  lastRevocation?: LastRevocation;
  /**
   * When the current client secret will be replaced, RFC 3339 in UTC.
   */
  nextRotationTime?: string;
  /**
   * What programs and people can wait for.
   */
  conditions?: Condition[];
}
/**
 * The client secret that consumers should use.
 */
export interface CurrentSecretStatus {
  /**
   * Its number, counted from 1.
   */
  version: number;
  /**
   * When it was issued, RFC 3339 in UTC.
   */
  issuedAt: string;
}
/**
 * The previous client secret, while it is still valid.
 */
export interface PreviousSecretStatus {
  /**
   * Its number.
   */
  version: number;
  /**
   * When it was issued, RFC 3339 in UTC.
   */
  issuedAt: string;
  /**
   * When it was replaced, RFC 3339 in UTC.
   */
  retiredAt: string;
  /**
   * When it ends unless it is revoked before, RFC 3339 in UTC.
   */
  expiresAt: string;
  /**
   * When somebody last signed in with it, RFC 3339 in UTC.
   */
  lastUsedAt?: string;
}
/**
 * The last client secret that ended.
 */
export interface LastRevocation {
  /**
   * The number of the client secret that ended.
   */
  version: number;
  /**
   * When it ended, RFC 3339 in UTC.
   */
  time: string;
  /**
   * Why it ended.
   */
  reason:
    | 'Requested'
    | 'RetiredBefore'
    | 'IssuedBefore'
    | 'Expired'
    | 'NotRetained'
    | 'Removed'
    | 'Deleted';
  /**
   * What the identity provider said when it was asked whether the secret still works.
   */
  verified?: 'Verified' | 'Unverifiable' | 'StillAccepted';
  /**
   * Why it is Unverifiable.
   */
  verificationMessage?: string;
}
/**
 * One aspect of the application's state.
 */
export interface Condition {
  /**
   * Ready, PreviousSecretRetained, RotationHeld or Stalled.
   */
  type: string;
  /**
   * Whether it holds.
   */
  status: 'True' | 'False' | 'Unknown';
  /**
   * The metadata.generation that this condition is about.
   */
  observedGeneration?: number;
  /**
   * When status last changed.
   */
  lastTransitionTime: string;
  /**
   * Why, in one word that programs can rely on.
   */
  reason: string;
  /**
   * Why, in words for people, and what to do where something is to be done.
   */
  message: string;
}

/** What the API server fills in where spec leaves it out. */
export const SPEC_DEFAULTS = {
  "secret": {
    "keys": {
      "clientID": "client-id",
      "clientSecret": "client-secret",
      "previousClientSecret": "previous-client-secret"
    }
  },
  "rotation": {
    "retainPreviousFor": "24h"
  },
  "revokePreviousSecret": false,
  "verifyRevocation": true,
  "suspend": false,
  "deletionPolicy": "Retain"
} as const satisfies OIDCApplicationSpec;

/** The language of durations in spec, as a regular expression. */
export const DURATION_PATTERN =
  "^([0-9]{1,4}h([0-9]{1,6}m)?([0-9]{1,8}s)?|[0-9]{1,6}m([0-9]{1,8}s)?|[0-9]{1,8}s)$";

/** The language of times in spec, as a regular expression; the day must exist as well. */
export const TIMESTAMP_PATTERN =
  "^[12][0-9]{3}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]([.][0-9]{1,9})?(Z|[+-](0[0-9]|1[0-4]):[0-5][0-9])$";
