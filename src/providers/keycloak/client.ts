import { SecretValue } from '../../api/secret-value.ts';
import { isJsonObject, type JsonObject, objectAt, stringAt } from '../../kubernetes/json.ts';
import { ProviderError } from '../provider-error.ts';
import { lacksRole, MANAGE_CLIENTS } from './admin-api.ts';

/** A confidential OIDC client, as one answer of Keycloak described it. */
export interface KeycloakClient {
  /** Keycloak's own, a UUID. */
  readonly id: string;
  readonly secret: SecretValue;
  /** What is in the slot for the previous secret, expired or not. */
  readonly rotated: RotatedSecret | undefined;
  /** Without the one that holds a secret. */
  readonly attributes: Readonly<Record<string, string>>;
}

export interface RotatedSecret {
  readonly value: SecretValue;
  /** In epoch milliseconds. */
  readonly expiresAt: number;
}

const ROTATED = 'client.secret.rotated';

/**
 * Reads a ClientRepresentation.
 *
 * @returns undefined where it is malformed
 * @throws {ProviderError} NotOIDCApplication, NotConfidentialClient, ProviderRejected where the
 *   secret is not Keycloak's to rotate, ProviderForbidden where it is withheld
 */
export function parseClient(representation: unknown): KeycloakClient | undefined {
  if (!isJsonObject(representation)) return undefined;
  const id = stringAt(representation, 'id');
  if (id === undefined || id === '') return undefined;
  requireConfidential(representation);
  const secret = stringAt(representation, 'secret');
  if (secret === undefined || secret === '') {
    throw new ProviderError('NotConfidentialClient', 'the client has no client secret');
  }
  // Later versions mask secrets where the client may be viewed but not managed.
  if (objectAt(representation, 'access')['configure'] === false || /^\*+$/.test(secret)) {
    throw lacksRole('reading the client secret', MANAGE_CLIENTS);
  }
  if (secret.startsWith('${vault.')) {
    const message = "the client's secret is kept in a vault, where Keycloak cannot rotate it";
    throw new ProviderError('ProviderRejected', message);
  }
  const { [ROTATED]: rotated, ...attributes } = stringsOf(objectAt(representation, 'attributes'));
  return {
    id,
    secret: SecretValue.fromText(secret),
    rotated: rotatedSecret(rotated, attributes),
    attributes,
  };
}

function requireConfidential(representation: JsonObject): void {
  // Absent, Keycloak takes it for openid-connect.
  const { protocol = 'openid-connect', clientAuthenticatorType, publicClient } = representation;
  if (protocol !== 'openid-connect') {
    throw new ProviderError('NotOIDCApplication', 'the client does not use OpenID Connect');
  }
  if (publicClient === true || representation['bearerOnly'] === true) {
    const kind = publicClient === true ? 'public' : 'bearer-only';
    const message = `the client is ${kind}: it has no client secret`;
    throw new ProviderError('NotConfidentialClient', message);
  }
  if (clientAuthenticatorType !== 'client-secret') {
    const message = 'the client does not authenticate by "Client Id and Secret"';
    throw new ProviderError('NotConfidentialClient', message);
  }
}

/** As OIDCClientSecretConfigWrapper reads them: without both times there is no valid secret. */
function rotatedSecret(
  value: string | undefined,
  attributes: Readonly<Record<string, string>>,
): RotatedSecret | undefined {
  const created = attributes[`${ROTATED}.creation.time`];
  const seconds = attributes[`${ROTATED}.expiration.time`];
  if (!value || !created || seconds === undefined || !/^\d{1,12}$/.test(seconds)) return undefined;
  return { value: SecretValue.fromText(value), expiresAt: Number(seconds) * 1000 };
}

function stringsOf(object: JsonObject): Readonly<Record<string, string>> {
  const strings: Record<string, string> = {};
  for (const [key, value] of Object.entries(object)) {
    if (typeof value === 'string') strings[key] = value;
  }
  return strings;
}
