import { numberAt, parseJson, stringAt } from '../../kubernetes/json.ts';
import { failure, malformed, type Purpose, send } from '../answers.ts';
import { authenticatedForm } from '../client-authentication.ts';
import type { KeycloakConfig } from '../config.ts';
import { endpointAt } from '../discovery.ts';
import type { HttpClient, HttpResponse } from '../http.ts';
import { ProviderError } from '../provider-error.ts';
import { type AccessToken, TokenCache } from '../token-cache.ts';

/** A call of Keycloak's admin REST API. */
export interface Call {
  readonly purpose: Purpose;
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Below `/admin/realms/{realm}`, with its query. */
  readonly path: string;
  readonly json?: unknown;
  readonly transaction?: string;
  /** The role of the client realm-management that it needs, as messages name it. */
  readonly role: string;
  /** A status that is no failure, besides 2xx. */
  readonly accept?: number;
}

/** The role for everything about clients; it includes viewing them. */
export const MANAGE_CLIENTS = 'manage-clients';

const LONGEST_TRANSACTION = 100;
const SIGN_IN: Purpose = { operation: "getting the operator's access token", hasEffect: false };
const DISCOVERY: Purpose = {
  operation: "reading the realm's discovery document",
  hasEffect: false,
};

/** Keycloak's admin API in one realm, by the service account of the operator's own client. */
export class AdminApi {
  readonly #config: KeycloakConfig;
  readonly #baseURL: string;
  readonly #http: HttpClient;
  readonly #tokens: TokenCache;

  constructor(config: KeycloakConfig, http: HttpClient) {
    this.#config = config;
    this.#baseURL = config.url.replace(/\/+$/, '');
    this.#http = http;
    this.#tokens = new TokenCache((signal) => this.#signIn(signal));
  }

  /**
   * Sends a call. Only what was refused for its token is sent a second time, once.
   *
   * @throws {ProviderError} for an answer that is neither 2xx nor accepted
   */
  async send(call: Call, signal: AbortSignal): Promise<HttpResponse> {
    const token = await this.#tokens.get(signal);
    let response = await this.#attempt(call, token, signal);
    if (response.status === 401) {
      this.#tokens.discard(token);
      response = await this.#attempt(call, await this.#tokens.get(signal), signal);
    }
    const { status } = response;
    if ((status >= 200 && status < 300) || status === call.accept) return response;
    throw refusal(call, response);
  }

  /** Reads a list of clients, or of what belongs to one. */
  async list(purpose: Purpose, path: string, signal: AbortSignal): Promise<readonly unknown[]> {
    const response = await this.send(
      { purpose, method: 'GET', path, role: MANAGE_CLIENTS },
      signal,
    );
    const body = parseJson(response.body);
    if (!Array.isArray(body)) throw malformed(purpose);
    return body;
  }

  /** The issuer that the realm's discovery document names; needs no token. */
  async issuer(signal: AbortSignal): Promise<string> {
    const url = `${this.#realmURL(this.#config.realm)}/.well-known/openid-configuration`;
    const response = await send(this.#http, DISCOVERY, { method: 'GET', url, signal });
    if (response.status !== 200) throw failure(DISCOVERY, response, 'ProviderRejected');
    const issuer = endpointAt(parseJson(response.body), 'issuer');
    if (issuer === undefined) throw malformed(DISCOVERY);
    return issuer;
  }

  close(): void {
    this.#tokens.close();
  }

  #realmURL(realm: string): string {
    return `${this.#baseURL}/realms/${encodeURIComponent(realm)}`;
  }

  async #signIn(signal: AbortSignal): Promise<AccessToken> {
    const { authRealm, credentials } = this.#config;
    const response = await send(this.#http, SIGN_IN, {
      ...authenticatedForm('client_secret_basic', credentials, {
        grant_type: 'client_credentials',
      }),
      url: `${this.#realmURL(authRealm)}/protocol/openid-connect/token`,
      signal,
    });
    if (response.status !== 200) throw failure(SIGN_IN, response, 'ProviderUnauthorized');
    const body = parseJson(response.body);
    const value = stringAt(body, 'access_token');
    const seconds = numberAt(body, 'expires_in');
    if (value === undefined || !/^[\x21-\x7e]+$/.test(value) || seconds === undefined) {
      throw malformed(SIGN_IN);
    }
    return { value, lifetimeMs: seconds * 1000 };
  }

  #attempt(call: Call, token: string, signal: AbortSignal): Promise<HttpResponse> {
    const { purpose, method, path, json, transaction } = call;
    const named = transaction?.replace(/[^\x21-\x7e]/g, '').slice(0, LONGEST_TRANSACTION);
    return send(this.#http, purpose, {
      method,
      url: `${this.#baseURL}/admin/realms/${encodeURIComponent(this.#config.realm)}${path}`,
      headers: {
        accept: 'application/json',
        authorization: `Bearer ${token}`,
        ...(json === undefined ? {} : { 'content-type': 'application/json' }),
        ...(named ? { 'x-request-id': named } : {}),
      },
      ...(json === undefined ? {} : { body: JSON.stringify(json) }),
      signal,
    });
  }
}

function refusal({ purpose, role }: Call, response: HttpResponse): ProviderError {
  if (response.status === 401) return failure(purpose, response, 'ProviderUnauthorized');
  if (response.status !== 403) return failure(purpose, response, 'ProviderRejected');
  return lacksRole(`${purpose.operation}: status 403`, role);
}

/** The error for a role that the operator's service account lacks. */
export function lacksRole(operation: string, role: string): ProviderError {
  const message = `${operation}: the operator's service account lacks the role ${role}`;
  return new ProviderError('ProviderForbidden', message);
}
