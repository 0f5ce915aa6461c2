// Generated from crds/keyturn.dev_clusteroidcproviders.yaml by crds/generate.ts: do not edit.

/**
 * How the operator reaches the identity provider: exactly one of keycloak and pingone, and the credentials of the operator's own client there; and which namespaces may use it for which clients.
 */
export interface ClusterOIDCProviderSpec {
  keycloak?: KeycloakProvider;
  pingone?: PingOneProvider;
  /**
   * Whether URLs may begin with http://, so that credentials and client secrets go unencrypted.
   */
  insecure?: boolean;
  /**
   * The certificate authorities that the provider's certificate may be of: PEM in base64, as webhooks and cert-manager take it.
   */
  caBundle?: string;
  credentialsSecretRef: CredentialsSecretReference;
  /**
   * How long one request may take, from 1s to 60s.
   */
  requestTimeout?: string;
  /**
   * How many requests the operator sends in a second, from 1 to 100; more wait.
   */
  requestsPerSecond?: number;
  /**
   * How often each client is read, to notice what others changed at the provider, and how often the credentials are checked, from 1m to 24h.
   */
  resyncInterval?: string;
  /**
   * Which namespaces may manage which clients; default: none.
   */
  grants?: Grant[];
}
/**
 * A realm of Keycloak, which must have the feature client-secret-rotation: from 26.8 it is on, in 26.7 it is a preview.
 */
export interface KeycloakProvider {
  /**
   * The server's base URL, before /realms and /admin, for example https://sso.example.com: https unless insecure is true, and without user, query and fragment.
   */
  url: string;
  /**
   * The realm whose clients are managed.
   */
  realm: string;
  /**
   * The realm of the operator's own client.
   */
  authRealm?: string;
  /**
   * Whether the operator may add a client policy to the realm that retains rotated client secrets, beside those that the realm has, where none does.
   */
  managePolicy?: boolean;
}
/**
 * An environment of PingOne, reached with a worker application.
 */
export interface PingOneProvider {
  /**
   * The region of the environment, which tells both addresses.
   */
  region?: 'NA' | 'CA' | 'EU' | 'AU' | 'SG' | 'AP';
  /**
   * The address of the management API, without /v1, where region does not tell it, for example https://api.pingone.eu: https unless insecure is true.
   */
  apiURL?: string;
  /**
   * The address of the authorization server, where region does not tell it, for example https://auth.pingone.eu: https unless insecure is true.
   */
  authURL?: string;
  /**
   * The ID of the environment whose applications are managed.
   */
  environmentID: string;
  /**
   * The ID of the environment of the worker application.
   */
  workerEnvironmentID?: string;
}
/**
 * The Secret with the credentials of the operator's own client, in the operator's own namespace.
 */
export interface CredentialsSecretReference {
  /**
   * The name of the Secret.
   */
  name: string;
  /**
   * The key of the client ID in the Secret; a newline at its end does not count.
   */
  clientIDKey?: string;
  /**
   * The key of the client secret in the Secret; a newline at its end does not count.
   */
  clientSecretKey?: string;
}
/**
 * Some namespaces, and the clients that applications in them may manage.
 */
export interface Grant {
  /**
   * The namespaces, by name.
   *
   * Items: The name of a namespace.
   */
  namespaces?: string[];
  namespaceSelector?: LabelSelector;
  /**
   * The clients, by their client IDs.
   *
   * Items: A client ID, in which one * and any number of {namespace} can be.
   */
  clientIDs: string[];
}
/**
 * The namespaces, by their labels, as a Kubernetes label selector; an empty one selects all.
 */
export interface LabelSelector {
  /**
   * Labels that a namespace must have.
   */
  matchLabels?: {
    [k: string]: string;
  };
  /**
   * Conditions on labels, all of which must hold.
   */
  matchExpressions?: LabelSelectorRequirement[];
}
/**
 * A condition on the value of one label.
 */
export interface LabelSelectorRequirement {
  /**
   * The key of the label.
   */
  key: string;
  /**
   * How the label relates to the values.
   */
  operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist';
  /**
   * The values, for In and NotIn.
   *
   * Items: A value.
   */
  values?: string[];
}

/**
 * What the operator found.
 */
export interface ClusterOIDCProviderStatus {
  /**
   * The metadata.generation that this status is about; -1 where there is none yet.
   */
  observedGeneration?: number;
  /**
   * What spec says the identity provider is.
   */
  type?: 'Keycloak' | 'PingOne';
  /**
   * The issuer URL, as the provider's discovery document names it.
   */
  issuer?: string;
  capabilities?: CapabilitiesStatus;
  /**
   * What programs and people can wait for.
   */
  conditions?: Condition[];
}
/**
 * What the provider can do with client secrets.
 */
export interface CapabilitiesStatus {
  /**
   * How many secrets of a client can be valid at once, the current one included.
   */
  maxSecrets: number;
  /**
   * Which client secrets can be read again.
   */
  readable: 'never' | 'current' | 'all';
  /**
   * What sets the time at which the provider itself ends a previous secret.
   */
  previousExpiry: 'none' | 'policy' | 'perRotation' | 'atCreation';
  /**
   * How long a previous secret can be retained there at most.
   */
  longestRetention?: string;
  /**
   * Whether the previous secret can be ended before its time, alone or with all others.
   */
  revoke: 'one' | 'allPrevious' | 'none';
  /**
   * Whether the provider tells when a previous secret was last used.
   */
  lastUsed: boolean;
}
/**
 * One aspect of the provider's state.
 */
export interface Condition {
  /**
   * Ready.
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
