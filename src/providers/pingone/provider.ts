import type { SecretValue } from '../../api/secret-value.ts';
import { parseJson } from '../../kubernetes/json.ts';
import { malformed, type Purpose, restated, send } from '../answers.ts';
import type { PingOneConfig } from '../config.ts';
import { endpointAt } from '../discovery.ts';
import type { HttpClient } from '../http.ts';
import type {
  Capabilities,
  ClientSecrets,
  IdentityProvider,
  ProviderFacts,
  Rotation,
} from '../port.ts';
import { ProviderError } from '../provider-error.ts';
import { type Call, PingOneApi } from './api.ts';
import { Applications } from './applications.ts';
import { LONGEST_OVERLAP_MS, previousExpiresAt } from './expiry.ts';
import { failure } from './problems.ts';
import { type Application, parseSecrets, type SecretPair } from './representations.ts';
import { systemTiming, type Timing } from './timing.ts';

const READING: Purpose = { operation: 'reading the client secret', hasEffect: false };
const ROTATING: Purpose = { operation: 'rotating the client secret', hasEffect: true };
const REVOKING: Purpose = { operation: 'revoking the previous client secret', hasEffect: true };
const DISCOVERING: Purpose = { operation: 'reading the discovery document', hasEffect: false };

const CAPABILITIES: Capabilities = {
  overlap: 'slot',
  maxSecrets: 2,
  // For imported applications alone, and not in the OpenAPI document.
  ownValue: false,
  readable: 'all',
  previousVisible: true,
  previousExpiry: 'perRotation',
  longestOverlapMs: LONGEST_OVERLAP_MS,
  revoke: 'one',
  lastUsed: true,
};

/** PingOne, by its management API and a worker application. `close()` closes `http` too. */
export function createPingOneProvider(
  config: PingOneConfig,
  http: HttpClient,
  timing: Timing = systemTiming,
): IdentityProvider {
  return new PingOneProvider(config, http, timing);
}

class PingOneProvider implements IdentityProvider {
  readonly capabilities = CAPABILITIES;
  readonly #config: PingOneConfig;
  readonly #http: HttpClient;
  readonly #timing: Timing;
  readonly #api: PingOneApi;
  readonly #applications: Applications;

  constructor(config: PingOneConfig, http: HttpClient, timing: Timing) {
    this.#config = config;
    this.#http = http;
    this.#timing = timing;
    this.#api = new PingOneApi(config, http, timing);
    this.#applications = new Applications(config, this.#api, timing);
  }

  /** That secrets may be changed shows only when one is: PingOne tells no worker its permissions. */
  async check(signal: AbortSignal): Promise<ProviderFacts> {
    await this.#applications.check(signal);
    return { issuer: await this.#discoverIssuer(signal) };
  }

  async read(clientID: string, signal: AbortSignal): Promise<ClientSecrets> {
    const application = await this.#applications.find(clientID, signal);
    return await this.#readSecrets(application, signal);
  }

  async rotate(
    clientID: string,
    { retainUntil, transaction }: Rotation,
    signal: AbortSignal,
  ): Promise<SecretValue> {
    const application = await this.#applications.read(clientID, signal);
    const before = await this.#readSecrets(application, signal, transaction);
    if (before.previous !== undefined) {
      throw new ProviderError(
        'ProviderRejected',
        'not rotated: a previous client secret is still valid, which a rotation would end',
      );
    }
    const body =
      retainUntil === undefined
        ? {}
        : { previous: { expiresAt: previousExpiresAt(retainUntil, this.#timing.now()) } };
    const answer = await this.#api.send(
      {
        purpose: ROTATING,
        method: 'POST',
        path: secretPath(application),
        json: body,
        transaction,
        permission: 'update a secret (applications:update:secret)',
        accept: [200, 404],
      },
      signal,
    );
    if (answer.status === 404) throw await this.#explainMissing(application, ROTATING, signal);
    const after = parseSecrets(answer.body, this.#timing.now());
    if (after === undefined || after.current.equals(before.current)) {
      throw malformed(ROTATING);
    }
    return after.current;
  }

  async revokePrevious(clientID: string, transaction: string, signal: AbortSignal): Promise<void> {
    const application = await this.#applications.find(clientID, signal);
    const before = await this.#readSecrets(application, signal, transaction);
    if (before.previous === undefined) return;
    // 404 says that there is none, or that there is no such application: reading tells which.
    const { status } = await this.#api.send(
      {
        purpose: REVOKING,
        method: 'DELETE',
        path: secretPath(application),
        transaction,
        permission: 'delete a secret (applications:delete:secret)',
        accept: [204, 404],
      },
      signal,
    );
    const after = await this.#readSecretsAfterEffect(application, transaction, signal);
    if (after.previous === undefined) return;
    throw new ProviderError(
      'ProviderUnavailable',
      `${REVOKING.operation}: status ${status}, but a previous client secret is still there`,
      { ambiguous: status !== 404 },
    );
  }

  async close(): Promise<void> {
    this.#api.close();
    await this.#http.close();
  }

  async #readSecrets(
    application: Application,
    signal: AbortSignal,
    transaction?: string,
  ): Promise<SecretPair> {
    const call: Call = {
      purpose: READING,
      method: 'GET',
      path: secretPath(application),
      transaction,
      permission: 'read a secret (applications:read:secret)',
      accept: [200, 404],
    };
    const response = await this.#api.send(call, signal);
    if (response.status === 404) throw await this.#explainMissing(application, READING, signal);
    const secrets = parseSecrets(response.body, this.#timing.now());
    if (secrets === undefined) throw malformed(READING);
    return secrets;
  }

  async #readSecretsAfterEffect(
    application: Application,
    transaction: string,
    signal: AbortSignal,
  ): Promise<SecretPair> {
    try {
      return await this.#readSecrets(application, signal, transaction);
    } catch (error) {
      throw error instanceof ProviderError ? restated(error, { ambiguous: true }) : error;
    }
  }

  /** A secret is 404 where there is no application, and where it is no OIDC application. */
  async #explainMissing(
    application: Application,
    { operation }: Purpose,
    signal: AbortSignal,
  ): Promise<ProviderError> {
    await this.#applications.read(application.clientID, signal);
    return new ProviderError(
      'ProviderUnavailable',
      `${operation}: status 404, although the application exists`,
    );
  }

  async #discoverIssuer(signal: AbortSignal): Promise<string> {
    const { authURL, environmentID } = this.#config;
    const environment = `${authURL}/${encodeURIComponent(environmentID)}`;
    const url = `${environment}/as/.well-known/openid-configuration`;
    const request = { method: 'GET', url, signal } as const;
    const response = await send(this.#http, DISCOVERING, request);
    if (response.status !== 200) {
      throw failure(DISCOVERING, response, 'ProviderRejected');
    }
    const issuer = endpointAt(parseJson(response.body), 'issuer');
    if (issuer === undefined) throw malformed(DISCOVERING);
    return issuer;
  }
}

function secretPath({ id }: Application): string {
  return `/applications/${id}/secret`;
}
