import type { SecretValue } from '../../src/api/secret-value.ts';
import { stringAt } from '../../src/kubernetes/json.ts';

export interface TokenRequest {
  readonly issuer: string;
  readonly clientID: string;
  readonly clientSecret: SecretValue;
}

/** What the token endpoint answered: 200 with an access token, else an OAuth error code. */
export interface TokenAnswer {
  readonly status: number;
  readonly error?: string;
}

/**
 * Requests an access token as an application does: client_credentials with client_secret_basic, at
 * the endpoint that the issuer's discovery document names. Rejects where that fails.
 */
export async function requestToken(request: TokenRequest): Promise<TokenAnswer> {
  const { issuer, clientID, clientSecret } = request;
  const response = await fetch(await tokenEndpoint(issuer), {
    method: 'POST',
    headers: { authorization: `Basic ${basicCredentials(clientID, clientSecret)}` },
    body: new URLSearchParams({ grant_type: 'client_credentials' }),
  });
  const { status } = response;
  const body: unknown = await response.json();
  const error = stringAt(body, 'error');
  if (error !== undefined) return { status, error };
  if (stringAt(body, 'access_token') === undefined) {
    throw new Error(`the token endpoint answered ${status} with neither a token nor an error`);
  }
  return { status };
}

async function tokenEndpoint(issuer: string): Promise<string> {
  const response = await fetch(`${issuer}/.well-known/openid-configuration`);
  const endpoint = stringAt(await response.json(), 'token_endpoint');
  if (endpoint === undefined) throw new Error(`${issuer} names no token endpoint`);
  return endpoint;
}

/** RFC 6749, section 2.3.1: both are form-encoded first. */
function basicCredentials(clientID: string, clientSecret: SecretValue): string {
  const secret = Buffer.from(clientSecret.reveal(), 'base64').toString('utf8');
  const pair = `${encodeURIComponent(clientID)}:${encodeURIComponent(secret)}`;
  return Buffer.from(pair).toString('base64');
}
