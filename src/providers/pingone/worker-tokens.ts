import { malformed, type Purpose, send } from '../answers.ts';
import { type AuthMethod, authenticatedForm } from '../client-authentication.ts';
import type { PingOneConfig } from '../config.ts';
import type { HttpClient, HttpResponse } from '../http.ts';
import { type AccessToken, TokenCache } from '../token-cache.ts';
import { failure } from './problems.ts';
import { parseAccessToken } from './representations.ts';

const PURPOSE: Purpose = { operation: 'getting an access token', hasEffect: false };

/** The access tokens of the worker application, which PingOne issues for an hour. */
export function createWorkerTokens(config: PingOneConfig, http: HttpClient): TokenCache {
  // Its own setting in PingOne decides, which is not told.
  let method: AuthMethod = 'client_secret_basic';

  async function request(signal: AbortSignal): Promise<AccessToken> {
    const first = await sendBy(method, signal);
    if (first.status === 200) return readToken(first);
    if (!isCredentialsRefusal(first)) throw failure(PURPOSE, first, 'ProviderUnauthorized');
    const other = method === 'client_secret_basic' ? 'client_secret_post' : 'client_secret_basic';
    const second = await sendBy(other, signal);
    if (second.status !== 200) throw failure(PURPOSE, second, 'ProviderUnauthorized');
    method = other;
    return readToken(second);
  }

  async function sendBy(by: AuthMethod, signal: AbortSignal): Promise<HttpResponse> {
    const environment = encodeURIComponent(config.workerEnvironmentID);
    return await send(http, PURPOSE, {
      ...authenticatedForm(by, config.credentials, { grant_type: 'client_credentials' }),
      url: `${config.authURL}/${environment}/as/token`,
      signal,
    });
  }

  return new TokenCache(request);
}

/** Also what a worker of the other method gets (RFC 6749, section 5.2). */
function isCredentialsRefusal({ status }: HttpResponse): boolean {
  return status === 400 || status === 401 || status === 403;
}

function readToken(response: HttpResponse): AccessToken {
  const token = parseAccessToken(response.body);
  if (token === undefined) throw malformed(PURPOSE);
  return token;
}
