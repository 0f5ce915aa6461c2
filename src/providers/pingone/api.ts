import { type Purpose, restated, send } from '../answers.ts';
import type { PingOneConfig } from '../config.ts';
import type { HttpClient, HttpResponse } from '../http.ts';
import { ProviderError } from '../provider-error.ts';
import type { TokenCache } from '../token-cache.ts';
import { failure, isPermissionLag } from './problems.ts';
import type { Timing } from './timing.ts';
import { createWorkerTokens } from './worker-tokens.ts';

// How long it waits for permissions to propagate; the caller tries again later anyway.
const PERMISSION_LAG_WAITS_MS = [500, 1000, 2000];
const LONGEST_TRANSACTION = 100;

/** A call of the management API. */
export interface Call {
  readonly purpose: Purpose;
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Below `/v1/environments/{environmentID}`, with its query. */
  readonly path: string;
  readonly json?: unknown;
  readonly transaction?: string | undefined;
  /** What the worker's role must include, as messages name it. */
  readonly permission: string;
  /** The statuses that are no failure. */
  readonly accept: readonly number[];
}

/** PingOne's management API in one environment, by a worker application's token. */
export class PingOneApi {
  readonly #environment: string;
  readonly #http: HttpClient;
  readonly #timing: Timing;
  readonly #tokens: TokenCache;

  constructor(config: PingOneConfig, http: HttpClient, timing: Timing) {
    const environment = encodeURIComponent(config.environmentID);
    this.#environment = `${config.apiURL}/v1/environments/${environment}`;
    this.#http = http;
    this.#timing = timing;
    this.#tokens = createWorkerTokens(config, http);
  }

  /**
   * Sends a call. Only what PingOne surely refused is sent a second time: an expired token (once),
   * and permissions that may not have propagated (a few times).
   *
   * @throws {ProviderError} for an answer that the call does not accept
   */
  async send(call: Call, signal: AbortSignal): Promise<HttpResponse> {
    const waits = PERMISSION_LAG_WAITS_MS.values();
    let renewed = false;
    for (;;) {
      const token = await this.#tokens.get(signal);
      const response = await this.#exchange(call, token, signal);
      if (call.accept.includes(response.status)) return response;
      if (response.status === 401 && !renewed) {
        this.#tokens.discard(token);
        renewed = true;
        continue;
      }
      const wait = isPermissionLag(response) ? waits.next().value : undefined;
      if (wait === undefined) throw refusal(call, response);
      await this.#delay(call, wait, signal);
    }
  }

  close(): void {
    this.#tokens.close();
  }

  async #exchange(
    { purpose, method, path, json, transaction }: Call,
    token: string,
    signal: AbortSignal,
  ): Promise<HttpResponse> {
    const named = transaction?.replace(/[^\x21-\x7e]/g, '').slice(0, LONGEST_TRANSACTION);
    const headers = {
      accept: 'application/json',
      authorization: `Bearer ${token}`,
      ...(json === undefined ? {} : { 'content-type': 'application/json' }),
      ...(named ? { 'x-ping-external-transaction-id': named } : {}),
    };
    return await send(this.#http, purpose, {
      method,
      url: this.#environment + path,
      headers,
      ...(json === undefined ? {} : { body: JSON.stringify(json) }),
      signal,
    });
  }

  async #delay({ purpose }: Call, ms: number, signal: AbortSignal): Promise<void> {
    try {
      await this.#timing.delay(ms, signal);
    } catch {
      throw new ProviderError('ProviderUnavailable', `${purpose.operation}: aborted`);
    }
  }
}

function refusal({ purpose, permission }: Call, response: HttpResponse): ProviderError {
  if (response.status === 401) return failure(purpose, response, 'ProviderUnauthorized');
  if (response.status !== 403) return failure(purpose, response, 'ProviderRejected');
  const error = failure(purpose, response, 'ProviderForbidden');
  const message = `${error.message}: the operator's role lacks the permission to ${permission}, or the application has roles that the operator lacks`;
  return restated(error, { message });
}
