import { X509Certificate } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { InvalidSpecError } from '../../api/application.ts';
import { parseDuration } from '../../api/duration.ts';
import type { ClusterOIDCProviderSpec } from '../../api/oidcprovider.gen.ts';
import type {
  ClientCredentials,
  ConnectionConfig,
  KeycloakConfig,
  PingOneConfig,
  ProviderConfig,
} from '../../providers/config.ts';
import { regionURLs } from '../../providers/pingone/regions.ts';

const DEFAULT_TIMEOUT_MS = 10_000;
const DEFAULT_RESYNC_MS = 600_000;
// PingOne allows one address 210 requests a minute.
const DEFAULT_RATES = { keycloak: 20, pingone: 3 };
const CERTIFICATE = /-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----/g;

/**
 * What the spec and the credentials amount to, with every default filled in.
 *
 * @throws {InvalidSpecError} naming the field; admission refuses most of it
 */
export function configure(
  spec: ClusterOIDCProviderSpec,
  credentials: ClientCredentials,
): ProviderConfig {
  const place = placeOf(spec);
  return {
    ...place,
    insecure: spec.insecure ?? false,
    caBundle: caBundle(spec.caBundle),
    requestTimeoutMs: duration('requestTimeout', spec.requestTimeout) ?? DEFAULT_TIMEOUT_MS,
    requestsPerSecond: spec.requestsPerSecond ?? DEFAULT_RATES[place.kind],
    credentials,
  };
}

/** How often clients are read and the provider is checked, in milliseconds. */
export function resyncIntervalOf({ resyncInterval }: ClusterOIDCProviderSpec): number {
  return duration('resyncInterval', resyncInterval) ?? DEFAULT_RESYNC_MS;
}

/** What is behind the provider: equal for all resources that name it. */
export function backendOf(spec: ClusterOIDCProviderSpec): string {
  const place = placeOf(spec);
  return place.kind === 'keycloak'
    ? `keycloak ${place.url} ${place.realm}`
    : `pingone ${place.apiURL} ${place.environmentID}`;
}

/** Where the operator's own client is, as {@link backendOf} names it. */
export function ownBackendOf(config: ProviderConfig): string {
  return config.kind === 'keycloak'
    ? `keycloak ${config.url} ${config.authRealm}`
    : `pingone ${config.apiURL} ${config.workerEnvironmentID}`;
}

export function isSameConfig(a: ProviderConfig, b: ProviderConfig): boolean {
  const { credentials: ours, ...rest } = a;
  const { credentials: theirs, ...others } = b;
  return (
    isDeepStrictEqual(rest, others) &&
    ours.clientID === theirs.clientID &&
    ours.clientSecret.equals(theirs.clientSecret)
  );
}

type Place =
  | Omit<KeycloakConfig, 'credentials' | keyof ConnectionConfig>
  | Omit<PingOneConfig, 'credentials' | keyof ConnectionConfig>;

function placeOf({ keycloak, pingone, insecure = false }: ClusterOIDCProviderSpec): Place {
  if (keycloak !== undefined) {
    const { realm, authRealm = realm, managePolicy = false } = keycloak;
    const url = baseURL('keycloak.url', keycloak.url, insecure);
    return { kind: 'keycloak', url, realm, authRealm, managePolicy };
  }
  if (pingone === undefined) {
    throw new InvalidSpecError('keycloak', '', 'set, and neither is spec.pingone');
  }
  const { region, environmentID, workerEnvironmentID = environmentID } = pingone;
  const { apiURL = '', authURL = '' } = region === undefined ? pingone : regionURLs(region);
  return {
    kind: 'pingone',
    apiURL: baseURL('pingone.apiURL', apiURL, insecure),
    authURL: baseURL('pingone.authURL', authURL, insecure),
    environmentID,
    workerEnvironmentID,
  };
}

/** In one spelling, without a slash at the end. */
function baseURL(field: string, text: string, insecure: boolean): string {
  const url = URL.parse(text);
  const allowed = insecure ? /^https?:$/ : /^https:$/;
  if (url === null || !allowed.test(url.protocol)) {
    throw new InvalidSpecError(field, text, insecure ? 'an http or https URL' : 'an https URL');
  }
  return url.origin + url.pathname.replace(/\/+$/, '');
}

function duration(field: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const parsed = parseDuration(text);
  if (parsed === undefined) throw new InvalidSpecError(field, text, 'a duration, as in 10s');
  return parsed;
}

function caBundle(base64: string | undefined): string | undefined {
  if (base64 === undefined) return undefined;
  const certificates = Buffer.from(base64, 'base64').toString('utf8').match(CERTIFICATE) ?? [];
  try {
    if (certificates.length === 0) throw new TypeError('no certificate');
    for (const certificate of certificates) new X509Certificate(certificate);
  } catch {
    // What it holds is not quoted: it may be a private key.
    throw new InvalidSpecError('caBundle', '…', 'certificates in PEM, in base64');
  }
  return certificates.join('\n');
}
