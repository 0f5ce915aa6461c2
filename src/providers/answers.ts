import { parseJson, stringAt } from '../kubernetes/json.ts';
import type { HttpClient, HttpRequest, HttpResponse } from './http.ts';
import { ProviderError, type ProviderErrorReason } from './provider-error.ts';

/** What a request is for. */
export interface Purpose {
  /** For messages, like `reading the client`. */
  readonly operation: string;
  /** Whether sending it twice is not the same as sending it once. */
  readonly hasEffect: boolean;
}

const LONGEST_WAIT_MS = 60 * 60 * 1000;
// A code, and nothing that could be a secret or a sentence of somebody's making.
const ERROR_CODE = /^[a-z][a-z_]{0,39}$/;

/**
 * Sends one request, whatever the answer.
 *
 * @throws {ProviderError} as the HTTP client does, naming the operation; `ambiguous` only where the
 *   request has an effect
 */
export async function send(
  http: HttpClient,
  { operation, hasEffect }: Purpose,
  request: HttpRequest,
): Promise<HttpResponse> {
  try {
    return await http.request(request);
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error;
    const ambiguous = error.ambiguous && hasEffect;
    throw restated(error, { message: `${operation}: ${error.message}`, ambiguous });
  }
}

/** The error for an answer that is no success; `refused` is the reason for the 4xx that remain. */
export function failure(
  { operation, hasEffect }: Purpose,
  response: HttpResponse,
  refused: ProviderErrorReason,
): ProviderError {
  const { status } = response;
  const code = errorCode(response);
  const message = `${operation}: status ${status}${code === undefined ? '' : ` ${code}`}`;
  const wait = { retryAfterMs: retryAfterMs(response, Date.now()) };
  if (status === 429) return new ProviderError('RateLimited', message, wait);
  if (status >= 400 && status < 500 && status !== 408) return new ProviderError(refused, message);
  return new ProviderError('ProviderUnavailable', message, { ambiguous: hasEffect, ...wait });
}

/** The error for an answer whose body is not what it should be. */
export function malformed({ operation, hasEffect }: Purpose): ProviderError {
  const message = `${operation}: the answer is malformed`;
  return new ProviderError('ProviderUnavailable', message, { ambiguous: hasEffect });
}

/** The same error with another message, or with another `ambiguous`. */
export function restated(
  error: ProviderError,
  change: { readonly message?: string; readonly ambiguous?: boolean },
): ProviderError {
  const { message = error.message, ambiguous = error.ambiguous } = change;
  return new ProviderError(error.reason, message, { ambiguous, retryAfterMs: error.retryAfterMs });
}

/** The OAuth error code in an answer's body (RFC 6749, section 5.2); undefined where there is none. */
export function errorCode(response: HttpResponse): string | undefined {
  const code = stringAt(parseJson(response.body), 'error');
  return code !== undefined && ERROR_CODE.test(code) ? code : undefined;
}

/** Retry-After in milliseconds, from seconds or a date, an hour at most; undefined where there is none. */
export function retryAfterMs(response: HttpResponse, now: number): number | undefined {
  const value = response.headers['retry-after'];
  if (typeof value !== 'string') return undefined;
  const ms = /^\d{1,9}$/.test(value) ? Number(value) * 1000 : Date.parse(value) - now;
  return Number.isFinite(ms) ? Math.min(Math.max(ms, 0), LONGEST_WAIT_MS) : undefined;
}
