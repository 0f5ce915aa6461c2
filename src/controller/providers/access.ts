import type { ProviderReference } from '../../api/oidcapplication.gen.ts';
import type { Capabilities, IdentityProvider } from '../../providers/port.ts';
import type { Probe } from '../../providers/probe.ts';

/** Who asks for a client at a provider. */
export interface Applicant {
  readonly namespace: string;
  readonly name: string;
  readonly providerRef: ProviderReference;
  readonly clientID: string;
}

/** What an application may do at the provider that its spec names. */
export type Access =
  | { readonly kind: 'granted'; readonly provider: GuardedProvider }
  /** It is being found out, as after a start: nothing is known yet, and a change will be told. */
  | { readonly kind: 'pending' }
  | { readonly kind: 'denied'; readonly reason: DenialReason; readonly message: string };

export type DenialReason =
  /** No such OIDCProvider in the application's namespace. */
  | 'ProviderNotFound'
  /** Its configuration or credentials are not in order, or it was never reached with them. */
  | 'ProviderNotReady'
  /** No grant of a ClusterOIDCProvider covers the client, or there is no such provider. */
  | 'ClientNotGranted'
  /** The operator itself signs in with this client. */
  | 'OwnClient'
  /** An older application has this client. */
  | 'ClientClaimed';

/**
 * A provider behind its own limit of calls at once and its own circuit breaker, so that it holds
 * up nobody else. Every method rejects with ProviderError alone; ProviderBusy, with `retryAfterMs`,
 * is a call that was not made, which is no failure of anybody's. It is good for one reconciliation:
 * ask the registry anew for the next.
 */
export interface GuardedProvider
  extends Pick<IdentityProvider, 'read' | 'rotate' | 'revokePrevious'>,
    Probe {
  /** `OIDCProvider/<namespace>/<name>` or `ClusterOIDCProvider/<name>`. */
  readonly key: string;
  readonly capabilities: Capabilities;
  readonly issuer: string;
  /**
   * What is behind it, the same for every provider resource that names it: its kind, address and
   * realm or environment. Another value means other clients, even under the same client IDs.
   */
  readonly backend: string;
  /** How often a client is read to notice what others changed there. */
  readonly resyncIntervalMs: number;
}

/** Where access may have changed. */
export interface AccessChange {
  readonly providerKey: string;
  /** Undefined: for all clients. */
  readonly clientID: string | undefined;
}

export interface ProviderRegistry {
  access(applicant: Applicant): Access;
  /** Calls the listener on every change until the returned function is called. */
  subscribe(listener: (change: AccessChange) => void): () => void;
}

/** The key of the provider that an application of `namespace` refers to. */
export function providerKeyOf(namespace: string, { kind, name }: ProviderReference): string {
  return kind === 'OIDCProvider' ? `${kind}/${namespace}/${name}` : `${kind}/${name}`;
}
