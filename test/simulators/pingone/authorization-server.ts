import { randomUUID } from 'node:crypto';
import type { Clock } from './clock.ts';
import type { ReceivedRequest, Reply } from './host.ts';
import type { Application, Tenant } from './tenant.ts';

const ROUTE = /^\/([^/]+)\/as\/(token|\.well-known\/openid-configuration)$/;

interface ClientCredentials {
  readonly clientID: string;
  readonly secret: string;
  readonly method: 'CLIENT_SECRET_BASIC' | 'CLIENT_SECRET_POST';
}

export interface AuthorizationServerOptions {
  readonly tenant: Tenant;
  readonly environmentIDs: readonly string[];
  readonly clock: Clock;
  readonly tokenLifetimeSeconds: number;
  /** Its own URL. */
  readonly url: () => string;
  /** Whether a secret that was revoked is accepted all the same. */
  readonly revokedLinger: () => boolean;
  /** Whether a secret that a rotation has made is not accepted yet. */
  readonly newLag: () => boolean;
}

/** The token endpoint of each environment, for the worker and for the applications, and discovery. */
export class AuthorizationServer {
  readonly #options: AuthorizationServerOptions;

  constructor(options: AuthorizationServerOptions) {
    this.#options = options;
  }

  handle(request: ReceivedRequest): Reply {
    const [, environmentID = '', endpoint] = ROUTE.exec(request.url.pathname) ?? [];
    const known = this.#options.environmentIDs.includes(environmentID);
    const reply = known
      ? this.#route(request, environmentID, endpoint)
      : oauthError(404, 'NOT_FOUND');
    return {
      ...reply,
      headers: { 'Correlation-Id': randomUUID(), 'Cache-Control': 'no-store', ...reply.headers },
    };
  }

  #route(request: ReceivedRequest, environmentID: string, endpoint: string | undefined): Reply {
    if (endpoint !== 'token') {
      return request.method === 'GET'
        ? this.#discover(environmentID)
        : oauthError(405, 'invalid_request');
    }
    if (request.method !== 'POST') return oauthError(405, 'invalid_request');
    const type = request.headers['content-type'] ?? '';
    if (!/^application\/x-www-form-urlencoded(?:\s*;|$)/i.test(type)) {
      return oauthError(415, 'invalid_request');
    }
    return this.#issue(request, environmentID);
  }

  #discover(environmentID: string): Reply {
    const issuer = `${this.#options.url()}/${environmentID}/as`;
    return {
      status: 200,
      json: {
        issuer,
        token_endpoint: `${issuer}/token`,
        grant_types_supported: ['client_credentials', 'refresh_token'],
        token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
      },
    };
  }

  #issue(request: ReceivedRequest, environmentID: string): Reply {
    const { tenant, tokenLifetimeSeconds } = this.#options;
    const form = new URLSearchParams(request.body);
    const credentials = readCredentials(request.headers.authorization, form);
    if (credentials === 'twice') return oauthError(400, 'invalid_request');
    const client = credentials && this.#authenticate(environmentID, credentials);
    if (client === undefined) {
      return oauthError(401, 'invalid_client', { 'WWW-Authenticate': 'Basic realm="pingone"' });
    }
    switch (form.get('grant_type')) {
      case 'client_credentials':
        if (!client.grantTypes.includes('CLIENT_CREDENTIALS')) {
          return oauthError(400, 'unauthorized_client');
        }
        return {
          status: 200,
          json: {
            access_token: tenant.issueToken(client, tokenLifetimeSeconds),
            token_type: 'Bearer',
            expires_in: tokenLifetimeSeconds,
          },
        };
      case 'refresh_token':
        // It issues no refresh tokens, so that none is valid.
        return oauthError(400, form.has('refresh_token') ? 'invalid_grant' : 'invalid_request');
      default:
        return oauthError(400, 'unsupported_grant_type');
    }
  }

  #authenticate(
    environmentID: string,
    { clientID, secret, method }: ClientCredentials,
  ): Application | undefined {
    const { tenant, clock, revokedLinger, newLag } = this.#options;
    const client = tenant.findClient(environmentID, clientID);
    if (client?.tokenEndpointAuthMethod !== method) return undefined;
    if (newLag() && client.secrets.isNew(secret)) return undefined;
    const lingers = revokedLinger() && client.secrets.wasRevoked(secret);
    return lingers || client.secrets.accepts(secret, clock.now()) ? client : undefined;
  }
}

/** RFC 6749, section 2.3.1; a client must not use more than one method (section 2.3). */
function readCredentials(
  header: string | undefined,
  form: URLSearchParams,
): ClientCredentials | 'twice' | undefined {
  const clientID = form.get('client_id');
  const secret = form.get('client_secret');
  if (header !== undefined) {
    if (secret !== null) return 'twice';
    const encoded = /^Basic ([A-Za-z0-9+/]+=*)$/.exec(header)?.[1];
    const [id, password] = Buffer.from(encoded ?? '', 'base64')
      .toString()
      .split(':', 2);
    if (id === undefined || password === undefined) return undefined;
    return {
      clientID: decodeForm(id),
      secret: decodeForm(password),
      method: 'CLIENT_SECRET_BASIC',
    };
  }
  if (clientID === null || secret === null) return undefined;
  return { clientID, secret, method: 'CLIENT_SECRET_POST' };
}

function decodeForm(text: string): string {
  return new URLSearchParams(`value=${text}`).get('value') ?? '';
}

function oauthError(
  status: number,
  error: string,
  headers: Readonly<Record<string, string>> = {},
): Reply {
  return { status, headers, json: { error, error_description: 'Request denied' } };
}
