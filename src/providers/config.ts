import type { SecretValue } from '../api/secret-value.ts';

/** What reaching a provider needs, whatever its kind. */
export interface ConnectionConfig {
  /** Whether requests may go over http too, and not over https alone. */
  readonly insecure: boolean;
  /** PEM; undefined: what Node.js trusts, NODE_EXTRA_CA_CERTS included. */
  readonly caBundle: string | undefined;
  /** The limit for one request, in milliseconds. */
  readonly requestTimeoutMs: number;
  readonly requestsPerSecond: number;
}

/** The operator's own OAuth client at a provider. */
export interface ClientCredentials {
  readonly clientID: string;
  readonly clientSecret: SecretValue;
}

export interface KeycloakConfig extends ConnectionConfig {
  readonly kind: 'keycloak';
  /** The server's base URL, without `/realms` or `/admin`. */
  readonly url: string;
  readonly realm: string;
  /** The realm of the operator's own client; usually the same. */
  readonly authRealm: string;
  /** Whether the operator may add the rotation policy beside what the realm has. */
  readonly managePolicy: boolean;
  readonly credentials: ClientCredentials;
}

export interface PingOneConfig extends ConnectionConfig {
  readonly kind: 'pingone';
  /** `https://api.pingone.{tld}` without `/v1`. */
  readonly apiURL: string;
  /** `https://auth.pingone.{tld}`. */
  readonly authURL: string;
  readonly environmentID: string;
  /** The environment of the worker application; usually the same. */
  readonly workerEnvironmentID: string;
  readonly credentials: ClientCredentials;
}

export type ProviderConfig = KeycloakConfig | PingOneConfig;
