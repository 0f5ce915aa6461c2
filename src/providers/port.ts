import type { SecretValue } from '../api/secret-value.ts';

/** What an identity provider can do with a client's secrets: data, so that decisions read it. */
export interface Capabilities {
  /** `none`: a rotation ends the old secret at once; `slot`: one previous; `list`: several. */
  readonly overlap: 'none' | 'slot' | 'list';
  /** The current one included. */
  readonly maxSecrets: number;
  /** The caller may choose a new secret's value. */
  readonly ownValue: boolean;
  readonly readable: 'never' | 'current' | 'all';
  /** Whether it tells that a previous secret exists. */
  readonly previousVisible: boolean;
  /** Who sets a previous secret's expiry, where the provider keeps one. */
  readonly previousExpiry: 'none' | 'policy' | 'perRotation' | 'atCreation';
  /** The longest retention in milliseconds, where there is a limit. */
  readonly longestOverlapMs: number | undefined;
  readonly revoke: 'one' | 'allPrevious' | 'none';
  /** Whether it tells when a previous secret was last used. */
  readonly lastUsed: boolean;
}

/** What the provider says of a client's secrets now. */
export interface ClientSecrets {
  /** Undefined where the provider does not tell. */
  readonly current: SecretValue | undefined;
  /** Undefined where none is valid. */
  readonly previous: PreviousClientSecret | undefined;
}

export interface PreviousClientSecret {
  /** Undefined where the provider does not tell. */
  readonly value: SecretValue | undefined;
  /** When the provider ends it by itself, in epoch milliseconds. */
  readonly expiresAt: number | undefined;
  readonly lastUsedAt: number | undefined;
}

/** What a provider was found to be when its credentials were checked. */
export interface ProviderFacts {
  readonly issuer: string;
}

export interface Rotation {
  /** Until when the replaced secret stays valid, in epoch milliseconds; undefined: it ends at once. */
  readonly retainUntil: number | undefined;
  /** At most 100 visible ASCII characters, to be found in the provider's own log. */
  readonly transaction: string;
}

/**
 * One identity provider, reached with one set of credentials. Every method rejects with
 * {@link ProviderError} alone, whose message holds no secret and nothing of an answer's body that
 * was not checked. Clients are named by their OAuth client ID.
 */
export interface IdentityProvider {
  readonly capabilities: Capabilities;
  /** Whether the credentials work and have the permissions that are needed. */
  check(signal: AbortSignal): Promise<ProviderFacts>;
  /** Also makes sure that the client exists, is an OIDC client and a confidential one. */
  read(clientID: string, signal: AbortSignal): Promise<ClientSecrets>;
  /**
   * Issues a new secret. Not idempotent: after an error with `ambiguous`, read before trying again.
   *
   * @returns the new secret, where the provider tells it only now
   */
  rotate(
    clientID: string,
    rotation: Rotation,
    signal: AbortSignal,
  ): Promise<SecretValue | undefined>;
  /** Ends the previous secret; does nothing where there is none. */
  revokePrevious(clientID: string, transaction: string, signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

/** A secret's standing at the provider's token endpoint; see probe.ts. */
export type ProbeResult = 'accepted' | 'rejected' | 'unknown';
