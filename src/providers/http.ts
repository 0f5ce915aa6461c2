import { Agent } from 'undici';
import type { ConnectionConfig } from './config.ts';
import { exchange } from './exchange.ts';
import { ProviderError } from './provider-error.ts';
import { Throttle } from './throttle.ts';

export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal: AbortSignal;
}

export interface HttpResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** At most 1 MiB. */
  readonly body: string;
}

/** HTTP to one identity provider: no redirects, limited in size, time and rate. */
export interface HttpClient {
  /**
   * The time limit counts from the request's turn: what the rate holds back only waits longer.
   *
   * @throws {ProviderError} ProviderUnavailable where no complete answer came; `ambiguous` unless the
   *   request certainly was not sent
   */
  request(request: HttpRequest): Promise<HttpResponse>;
  /** Refuses what waits for its turn; resolves when the requests under way have ended. */
  close(): Promise<void>;
}

/** How a request ended that was sent and not given up. */
export interface HttpObservation {
  /** `error`: no complete answer came. */
  readonly status: number | 'error';
  readonly seconds: number;
}

const MAX_ANSWER_BYTES = 1024 * 1024;
const MAX_CONCURRENT = 8;

/** Opens nothing before the first request. */
export function createHttpClient(
  config: ConnectionConfig,
  observe?: (observation: HttpObservation) => void,
): HttpClient {
  const { insecure, caBundle, requestTimeoutMs, requestsPerSecond } = config;
  const throttle = new Throttle({ perSecond: requestsPerSecond, concurrency: MAX_CONCURRENT });
  const agent = new Agent({
    connections: MAX_CONCURRENT,
    allowH2: false,
    maxResponseSize: MAX_ANSWER_BYTES,
    // The whole exchange has a limit of its own.
    connectTimeout: requestTimeoutMs,
    headersTimeout: 0,
    bodyTimeout: 0,
    connect: caBundle === undefined ? {} : { ca: caBundle },
  });
  let closing: Promise<void> | undefined;
  return {
    async request({ method, url, headers, body, signal }) {
      const target = URL.parse(url);
      if (target === null) throw new ProviderError('ProviderUnavailable', 'the URL is not valid');
      // A discovery document that was read over TLS may name what is reached without.
      if (!insecure && target.protocol !== 'https:') throw unprotected();
      const release = await throttle.acquire(signal);
      const startedAt = performance.now();
      const ended = (status: HttpObservation['status']) =>
        observe?.({ status, seconds: (performance.now() - startedAt) / 1000 });
      try {
        const response = await exchange(
          agent,
          {
            origin: target.origin,
            path: target.pathname + target.search,
            method,
            headers: { 'user-agent': 'keyturn', ...headers },
            body: body ?? null,
          },
          { timeoutMs: requestTimeoutMs, signal },
        );
        ended(response.status);
        return response;
      } catch (error) {
        if (!signal.aborted) ended('error');
        throw error;
      } finally {
        release();
      }
    },
    close() {
      throttle.close();
      closing ??= agent.close();
      return closing;
    },
  };
}

function unprotected(): ProviderError {
  return new ProviderError(
    'ProviderRejected',
    'the provider names an address that does not begin with https://, and nothing is sent there ' +
      'unless spec.insecure is true',
  );
}
