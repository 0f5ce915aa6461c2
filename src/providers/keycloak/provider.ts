import { SecretValue } from '../../api/secret-value.ts';
import { objectAt, parseJson, stringAt } from '../../kubernetes/json.ts';
import { malformed, type Purpose, restated } from '../answers.ts';
import type { KeycloakConfig } from '../config.ts';
import type { HttpClient } from '../http.ts';
import type {
  Capabilities,
  ClientSecrets,
  IdentityProvider,
  ProviderFacts,
  Rotation,
} from '../port.ts';
import { ProviderError } from '../provider-error.ts';
import { AdminApi, lacksRole, MANAGE_CLIENTS } from './admin-api.ts';
import { type KeycloakClient, parseClient } from './client.ts';
import { Retentions } from './retentions.ts';

const READING: Purpose = { operation: 'reading the client', hasEffect: false };
const LISTING: Purpose = { operation: 'listing clients', hasEffect: false };
const ROTATING: Purpose = { operation: 'rotating the client secret', hasEffect: true };
const REVOKING: Purpose = { operation: 'revoking the previous client secret', hasEffect: false };

const SAMPLE_SIZE = 20;
// Keycloak shows an expired secret until it is removed, and does not tell its time: as long as its
// clock may be behind, it may still accept the secret.
const CLOCK_MARGIN_MS = 30_000;

const capabilities = {
  overlap: 'slot',
  maxSecrets: 2,
  ownValue: false,
  readable: 'all',
  previousVisible: true,
  previousExpiry: 'policy',
  revoke: 'one',
  lastUsed: false,
} as const;

/**
 * Keycloak 26.7 with the preview feature client-secret-rotation, or 26.8 and later, where it is on.
 * The provider closes the HTTP client with itself.
 */
export function createKeycloakProvider(config: KeycloakConfig, http: HttpClient): IdentityProvider {
  return new KeycloakProvider(config, http);
}

class KeycloakProvider implements IdentityProvider {
  readonly #config: KeycloakConfig;
  readonly #http: HttpClient;
  readonly #api: AdminApi;
  readonly #retentions: Retentions;
  #longestOverlapMs: number | undefined;

  constructor(config: KeycloakConfig, http: HttpClient) {
    this.#config = config;
    this.#http = http;
    this.#api = new AdminApi(config, http);
    this.#retentions = new Retentions(this.#api, config.managePolicy);
  }

  /** The longest overlap is known once check() has read the realm's policies. */
  get capabilities(): Capabilities {
    return { ...capabilities, longestOverlapMs: this.#longestOverlapMs };
  }

  async check(signal: AbortSignal): Promise<ProviderFacts> {
    const issuer = await this.#api.issuer(signal);
    await this.#requireManageableClients(signal);
    const retention = await this.#retentions.of(undefined, signal);
    this.#longestOverlapMs = retention.kind === 'retained' ? retention.retainedMs : undefined;
    return { issuer };
  }

  async read(clientID: string, signal: AbortSignal): Promise<ClientSecrets> {
    const { secret, rotated } = await this.#find(clientID, signal);
    if (rotated === undefined || rotated.expiresAt + CLOCK_MARGIN_MS < Date.now()) {
      return { current: secret, previous: undefined };
    }
    return { current: secret, previous: { ...rotated, lastUsedAt: undefined } };
  }

  async rotate(
    clientID: string,
    { retainUntil, transaction }: Rotation,
    signal: AbortSignal,
  ): Promise<SecretValue> {
    const before = await this.#find(clientID, signal);
    const retain = retainUntil !== undefined;
    if (retain) await this.#requireRoom(before, signal);
    const response = await this.#api.send(
      {
        purpose: ROTATING,
        method: 'POST',
        path: `/clients/${before.id}/client-secret`,
        transaction,
        role: MANAGE_CLIENTS,
      },
      signal,
    );
    try {
      const issued = stringAt(parseJson(response.body), 'value');
      if (issued === undefined || issued === '') throw malformed(ROTATING);
      const secret = SecretValue.fromText(issued);
      if (!retain) await this.#discardRotated(before, transaction, signal);
      verifyRotation(before, await this.#find(clientID, signal), secret, retain);
      return secret;
    } catch (error) {
      // The rotation has happened, whatever failed since.
      throw error instanceof ProviderError ? restated(error, { ambiguous: true }) : error;
    }
  }

  async revokePrevious(clientID: string, transaction: string, signal: AbortSignal): Promise<void> {
    await this.#discardRotated(await this.#find(clientID, signal), transaction, signal);
    if ((await this.#find(clientID, signal)).rotated !== undefined) throw stillThere();
  }

  async close(): Promise<void> {
    this.#api.close();
    await this.#http.close();
  }

  /** One answer tells both secrets: two could be from before and after a rotation. */
  async #find(clientID: string, signal: AbortSignal): Promise<KeycloakClient> {
    const { credentials, realm, authRealm } = this.#config;
    if (clientID === credentials.clientID && realm === authRealm) {
      const message = "the client is the operator's own, which it never manages";
      throw new ProviderError('OwnClient', message);
    }
    const query = new URLSearchParams({ clientId: clientID });
    const found = (await this.#api.list(READING, `/clients?${query}`, signal)).find(
      (representation) => stringAt(representation, 'clientId') === clientID,
    );
    if (found === undefined) {
      throw new ProviderError('ClientNotFound', 'the realm has no client with this client ID');
    }
    const client = parseClient(found);
    if (client === undefined) throw malformed(READING);
    return client;
  }

  async #discardRotated(
    { id }: KeycloakClient,
    transaction: string,
    signal: AbortSignal,
  ): Promise<void> {
    await this.#api.send(
      {
        purpose: REVOKING,
        method: 'DELETE',
        path: `/clients/${id}/client-secret/rotated`,
        transaction,
        role: MANAGE_CLIENTS,
      },
      signal,
    );
  }

  /** Without a matching policy a rotation would end the old secret at once, without an error. */
  async #requireRoom(client: KeycloakClient, signal: AbortSignal): Promise<void> {
    if (client.rotated !== undefined && client.rotated.expiresAt > Date.now()) {
      const message = 'a previous client secret is still retained, and Keycloak keeps only one';
      throw new ProviderError('ProviderRejected', message);
    }
    const retention = await this.#retentions.of(client, signal);
    if (retention.kind === 'retained') return;
    throw new ProviderError(
      'RotationPolicyMissing',
      `Keycloak might not retain the old client secret: ${retention.problem}. Add such a policy ` +
        'to the realm, or set keycloak.managePolicy of the provider to true, or ' +
        'spec.rotation.retainPreviousFor to 0s.',
    );
  }

  async #requireManageableClients(signal: AbortSignal): Promise<void> {
    const clients = await this.#api.list(LISTING, `/clients?first=0&max=${SAMPLE_SIZE}`, signal);
    if (clients.some((client) => objectAt(client, 'access')['configure'] === true)) return;
    throw lacksRole(LISTING.operation, MANAGE_CLIENTS);
  }
}

function verifyRotation(
  before: KeycloakClient,
  after: KeycloakClient,
  issued: SecretValue,
  retained: boolean,
): void {
  if (!after.secret.equals(issued)) {
    const message = `${ROTATING.operation}: somebody else replaced it at the same time`;
    throw new ProviderError('ProviderUnavailable', message);
  }
  if (!retained) {
    if (after.rotated !== undefined) throw stillThere();
  } else if (after.rotated?.value.equals(before.secret) !== true) {
    const message = `${ROTATING.operation}: Keycloak did not retain the old one, which has ended`;
    throw new ProviderError('RotationPolicyMissing', message);
  }
}

function stillThere(): ProviderError {
  const message = `${REVOKING.operation}: Keycloak still has it`;
  return new ProviderError('ProviderUnavailable', message);
}
