import { SecretValue } from '../../api/secret-value.ts';
import { parseTimestamp } from '../../api/timestamp.ts';
import {
  isJsonObject,
  numberAt,
  objectAt,
  objectsAt,
  parseJson,
  stringAt,
} from '../../kubernetes/json.ts';
import type { PreviousClientSecret } from '../port.ts';
import type { AccessToken } from '../token-cache.ts';
import { CLOCK_TOLERANCE_MS } from './expiry.ts';

const LONGEST_SECRET = 4096;
const LONGEST_NAME = 256;
const LONGEST_URL = 2048;
const APPLICATION_ID = /^[0-9A-Za-z-]{1,64}$/;
// What may stand in an Authorization header (RFC 6750, section 2.1).
const BEARER_TOKEN = /^[A-Za-z0-9\-._~+/]{1,16384}=*$/;

/** An application's secrets, as PingOne answers them. */
export interface SecretPair {
  readonly current: SecretValue;
  readonly previous: PreviousClientSecret | undefined;
}

/** What matters here of an application. */
export interface Application {
  /** The ID that PingOne's own paths name it by. */
  readonly id: string;
  /** The OAuth client ID: another than `id` for an imported application. */
  readonly clientID: string;
  readonly protocol: string;
  readonly tokenEndpointAuthMethod: string | undefined;
}

export interface ApplicationPage {
  readonly applications: readonly Application[];
  /** The URL of the next page, unchecked. */
  readonly next: string | undefined;
}

interface Previous extends PreviousClientSecret {
  readonly expiresAt: number;
}

/** Reads the answer of GET and POST on an application's secret; undefined where it is malformed. */
export function parseSecrets(body: string, now: number): SecretPair | undefined {
  const answer = parseJson(body);
  const secret = textAt(answer, 'secret', LONGEST_SECRET);
  if (!isJsonObject(answer) || secret === undefined) return undefined;
  const current = SecretValue.fromText(secret);
  const retained = answer['previous'] ?? undefined;
  if (retained === undefined) return { current, previous: undefined };
  const previous = parsePrevious(retained);
  if (previous === undefined) return undefined;
  return { current, previous: hasExpired(previous, now) ? undefined : previous };
}

/** Malformed is not the same as absent: taken for absent it would pass for revoked. */
function parsePrevious(previous: unknown): Previous | undefined {
  if (!isJsonObject(previous)) return undefined;
  const secret = textAt(previous, 'secret', LONGEST_SECRET);
  const expiresAt = timeAt(previous, 'expiresAt');
  if (expiresAt === undefined || (secret === undefined && 'secret' in previous)) return undefined;
  return {
    value: secret === undefined ? undefined : SecretValue.fromText(secret),
    expiresAt,
    lastUsedAt: timeAt(previous, 'lastUsed'),
  };
}

/** "This property is returned … if the previous secret is not expired" (ApplicationSecret.previous.secret). */
function hasExpired({ value, expiresAt }: Previous, now: number): boolean {
  return value === undefined && expiresAt <= now + CLOCK_TOLERANCE_MS;
}

/** Reads the answer of GET on an application; undefined where it is malformed. */
export function parseApplication(body: string): Application | undefined {
  return toApplication(parseJson(body));
}

/** Reads one page of applications, leaving out what has no ID or protocol; undefined where it is malformed. */
export function parseApplicationPage(body: string): ApplicationPage | undefined {
  const answer = parseJson(body);
  const embedded = objectAt(answer, '_embedded');
  if (!Array.isArray(embedded['applications'])) return undefined;
  const applications = objectsAt(embedded, 'applications')
    .map(toApplication)
    .filter((application) => application !== undefined);
  const links = objectAt(answer, '_links');
  if (links['next'] === undefined) return { applications, next: undefined };
  const next = textAt(links['next'], 'href', LONGEST_URL);
  return next === undefined ? undefined : { applications, next };
}

function toApplication(value: unknown): Application | undefined {
  const id = textAt(value, 'id', LONGEST_NAME);
  const protocol = textAt(value, 'protocol', LONGEST_NAME);
  if (id === undefined || protocol === undefined || !APPLICATION_ID.test(id)) return undefined;
  const clientID = textAt(value, 'clientId', LONGEST_NAME) ?? id;
  const tokenEndpointAuthMethod = textAt(value, 'tokenEndpointAuthMethod', LONGEST_NAME);
  return { id, clientID, protocol, tokenEndpointAuthMethod };
}

/** Reads the token endpoint's answer; undefined where it is malformed. */
export function parseAccessToken(body: string): AccessToken | undefined {
  const answer = parseJson(body);
  const value = stringAt(answer, 'access_token');
  const seconds = numberAt(answer, 'expires_in');
  if (value === undefined || !BEARER_TOKEN.test(value)) return undefined;
  if (seconds === undefined || seconds <= 0) return undefined;
  return { value, lifetimeMs: seconds * 1000 };
}

/** The string at `key` where it has 1 to `longest` characters, else undefined. */
function textAt(value: unknown, key: string, longest: number): string | undefined {
  const text = stringAt(value, key);
  return text === undefined || text === '' || text.length > longest ? undefined : text;
}

function timeAt(value: unknown, key: string): number | undefined {
  const text = stringAt(value, key);
  return text === undefined ? undefined : parseTimestamp(text);
}
