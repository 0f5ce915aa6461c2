import { randomBytes } from 'node:crypto';
import { SecretValue } from '../../src/api/secret-value.ts';
import { isJsonObject, type JsonObject, stringAt } from '../../src/kubernetes/json.ts';
import type { ClientCredentials } from '../../src/providers/config.ts';
import type { KeycloakAddress } from './server.ts';

/** The roles of realm-management that the operator needs at least. */
export const leastRoles: readonly string[] = ['manage-clients', 'view-realm'];

/** One client policy with a profile of the same name. */
export interface RotationPolicy {
  readonly name?: string;
  readonly rotatedExpirationSeconds?: number;
  readonly expirationSeconds?: number;
  readonly conditions?: readonly JsonObject[];
  readonly change?: JsonObject;
}

const tenYears = 315_360_000;
const confidential = {
  condition: 'client-access-type',
  configuration: { type: ['confidential'] },
};

// A realm's default keys are RSA, which take ten seconds to make on a busy machine.
const ellipticKeys: JsonObject = {
  defaultSignatureAlgorithm: 'ES256',
  components: {
    'org.keycloak.keys.KeyProvider': ['ecdsa', 'hmac', 'aes'].map((kind) => ({
      name: kind,
      providerId: `${kind}-generated`,
      config: { priority: ['100'] },
    })),
  },
};

/** What an administrator does in Keycloak: for setting up tests, and for meddling with them. */
export class KeycloakAdmin {
  readonly #address: KeycloakAddress;
  #token: { readonly value: string; readonly until: number } | undefined;

  constructor(address: KeycloakAddress) {
    this.#address = address;
  }

  get url(): string {
    return this.#address.url;
  }

  /** Calls the admin API below `/admin/realms`; rejects where the answer is not 2xx. */
  async call(method: string, path: string, json?: unknown): Promise<unknown> {
    const response = await fetch(`${this.url}/admin/realms${path}`, {
      method,
      headers: {
        authorization: `Bearer ${await this.#accessToken()}`,
        'content-type': 'application/json',
      },
      body: json === undefined ? null : JSON.stringify(json),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return text === '' ? undefined : JSON.parse(text);
  }

  /** Creates a realm and resolves to its name. */
  async createRealm(): Promise<string> {
    const realm = unique('realm');
    await this.call('POST', '', { realm, enabled: true, ...ellipticKeys });
    return realm;
  }

  /** Creates a client, confidential and with a service account unless changed; resolves to its client ID. */
  async createClient(realm: string, changes: JsonObject = {}): Promise<string> {
    const clientId = unique('client');
    await this.call('POST', `/${realm}/clients`, {
      clientId,
      protocol: 'openid-connect',
      publicClient: false,
      serviceAccountsEnabled: true,
      standardFlowEnabled: false,
      ...changes,
    });
    return clientId;
  }

  /**
   * Creates a client for the operator, whose service account has roles of the client that stands for
   * the managed realm: realm-management in that realm, `<realm>-realm` in the master realm.
   */
  async createOperator(
    realm: string,
    { roles = leastRoles, managementClient = 'realm-management' } = {},
  ): Promise<ClientCredentials> {
    const secret = randomBytes(32).toString('base64url');
    const clientID = await this.createClient(realm, { secret });
    const { id } = await this.client(realm, clientID);
    const user = await this.call('GET', `/${realm}/clients/${id}/service-account-user`);
    const management = await this.client(realm, managementClient);
    const mappings = await Promise.all(
      roles.map((role) => this.call('GET', `/${realm}/clients/${management.id}/roles/${role}`)),
    );
    const path = `/${realm}/users/${stringAt(user, 'id')}/role-mappings/clients/${management.id}`;
    await this.call('POST', path, mappings);
    return { clientID, clientSecret: SecretValue.fromText(secret) };
  }

  /** A client's representation, with its internal ID. */
  async client(realm: string, clientID: string): Promise<{ id: string; whole: JsonObject }> {
    const query = new URLSearchParams({ clientId: clientID });
    const found = await this.call('GET', `/${realm}/clients?${query}`);
    const whole: unknown = Array.isArray(found) ? found[0] : undefined;
    const id = stringAt(whole, 'id');
    if (!isJsonObject(whole) || id === undefined) throw new Error(`no client ${clientID}`);
    return { id, whole };
  }

  async rotateByHand(realm: string, clientID: string): Promise<void> {
    const { id } = await this.client(realm, clientID);
    await this.call('POST', `/${realm}/clients/${id}/client-secret`);
  }

  /** Replaces the realm's client policies, which apply in this order. */
  async setPolicies(realm: string, policies: readonly RotationPolicy[]): Promise<void> {
    const named = policies.map((policy, index) => ({ name: `policy-${index}`, ...policy }));
    await this.call('PUT', `/${realm}/client-policies/profiles`, {
      profiles: named.map((policy) => ({
        name: policy.name,
        executors: [
          {
            executor: 'secret-rotation',
            configuration: {
              'expiration-period': policy.expirationSeconds ?? tenYears,
              'rotated-expiration-period': policy.rotatedExpirationSeconds ?? 3600,
              'remaining-rotation-period': 0,
            },
          },
        ],
      })),
    });
    await this.call('PUT', `/${realm}/client-policies/policies`, {
      policies: named.map(({ name, conditions = [confidential], change }) => ({
        name,
        enabled: true,
        conditions,
        profiles: [name],
        ...change,
      })),
    });
  }

  /** The status of the token endpoint for client_credentials: 200 or 401. */
  async tokenStatus(realm: string, clientID: string, secret: SecretValue): Promise<number> {
    const response = await fetch(`${this.url}/realms/${realm}/protocol/openid-connect/token`, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'client_credentials',
        client_id: clientID,
        client_secret: secret.revealText(),
      }),
    });
    await response.body?.cancel();
    return response.status;
  }

  async #accessToken(): Promise<string> {
    if (this.#token !== undefined && Date.now() < this.#token.until) return this.#token.value;
    const { url, username, password } = this.#address;
    const response = await fetch(`${url}/realms/master/protocol/openid-connect/token`, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'password',
        client_id: 'admin-cli',
        username,
        password,
      }),
    });
    const value = stringAt(await response.json(), 'access_token');
    if (value === undefined) throw new Error(`no token for the administrator: ${response.status}`);
    // The master realm's tokens live for 60 s.
    this.#token = { value, until: Date.now() + 30_000 };
    return value;
  }
}

function unique(prefix: string): string {
  return `${prefix}-${randomBytes(6).toString('hex')}`;
}
