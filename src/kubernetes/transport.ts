import type { IncomingHttpHeaders } from 'node:http';
import type { KubeConfig } from '@kubernetes/client-node';
import type { Dispatcher } from 'undici';
import { ApiError, FencedError, NetworkError } from './api-error.ts';
import { type Clock, systemClock } from './clock.ts';
import { type Answer, exchange } from './exchange.ts';
import { type Session, SessionKeeper, watchDispatcher } from './session.ts';

export interface ApiRequest {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Absolute path without query, as resourcePath makes it. */
  path: string;
  query?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  body?: unknown;
  /** Default application/json. */
  contentType?: string;
  /** Limit for the whole exchange; default 30 s for a request, none for a stream. */
  timeoutMs?: number;
  /** How long a stream may be silent; default 70 s. */
  idleTimeoutMs?: number;
  signal?: AbortSignal;
}

/** What is told of each answer, for metrics and for comparing clocks. */
export interface ResponseInfo {
  method: string;
  /** The plural, with the subresource: `secrets`, `oidcapplications/status`. */
  resource: string;
  status: number | 'error';
  seconds: number;
  /** The answer's Date header in epoch milliseconds (its resolution is a second). */
  serverDate?: number;
  /** Wall-clock times between which the server made the answer's head. */
  sentAt: number;
  receivedAt: number;
}

export interface Transport {
  /** Sends a request; resolves with the parsed JSON, rejects with ApiError or NetworkError. */
  request(request: ApiRequest): Promise<unknown>;
  /**
   * Sends a request on a connection of its own and hands out the body as it comes. Resolves
   * when the server ends it; an exception thrown by `onData` ends it too and is passed on.
   */
  stream(request: ApiRequest, onData: (chunk: Uint8Array) => void): Promise<void>;
  /** Ends all streams, lets requests under way finish, closes the connections. */
  close(): Promise<void>;
}

export interface TransportOptions {
  kubeConfig: KubeConfig;
  clock?: Clock;
  userAgent?: string;
  /** The most connections for requests; default 32. */
  connections?: number;
  /** How old credentials read from files may get; default 30 s. */
  credentialsMaxAgeMs?: number;
  onResponse?: (response: ResponseInfo) => void;
  /**
   * Asked right before a request other than GET goes out; where it answers false, the request is
   * not sent and rejects with FencedError.
   */
  mayWrite?: () => boolean;
}

const REQUEST_TIMEOUT_MS = 30_000;
const HEADERS_TIMEOUT_MS = 60_000;
// The API server sends a bookmark each minute: a longer silence is a dead connection.
const IDLE_TIMEOUT_MS = 70_000;

/** A transport with its own connection pool; nothing is opened or read before the first request. */
export function createTransport(options: TransportOptions): Transport {
  return new HttpTransport(options);
}

class HttpTransport implements Transport {
  readonly #clock: Clock;
  readonly #userAgent: string;
  readonly #onResponse: TransportOptions['onResponse'];
  readonly #mayWrite: TransportOptions['mayWrite'];
  readonly #sessions: SessionKeeper;
  readonly #closing = new AbortController();

  constructor(options: TransportOptions) {
    const { kubeConfig, clock = systemClock, connections = 32, userAgent = 'keyturn' } = options;
    this.#clock = clock;
    this.#userAgent = userAgent;
    this.#onResponse = options.onResponse;
    this.#mayWrite = options.mayWrite;
    const maxAgeMs = options.credentialsMaxAgeMs ?? 30_000;
    this.#sessions = new SessionKeeper({ kubeConfig, clock, connections, maxAgeMs });
  }

  async request(request: ApiRequest): Promise<unknown> {
    const body = request.body === undefined ? null : JSON.stringify(request.body);
    const answer = await this.#authenticated(request, (session) =>
      this.#send(session.pool, session, request, body),
    );
    return parseJson(request, answer);
  }

  async stream(request: ApiRequest, onData: (chunk: Uint8Array) => void): Promise<void> {
    await this.#authenticated(request, async (session) => {
      const dispatcher = watchDispatcher(session);
      try {
        return await this.#send(dispatcher, session, request, null, onData);
      } finally {
        void dispatcher.destroy();
      }
    });
  }

  async close(): Promise<void> {
    this.#closing.abort(new Error('the transport was closed'));
    await this.#sessions.close();
  }

  /** Sends; after a 401, sends once more if fresh credentials differ from those refused. */
  async #authenticated(
    request: ApiRequest,
    send: (session: Session) => Promise<Answer>,
  ): Promise<Answer> {
    this.#closing.signal.throwIfAborted();
    const session = await this.#sessions.current();
    let answer: Answer;
    try {
      answer = await send(session);
    } catch (error) {
      // The CA or a certificate may have been replaced: look at the files before the next try.
      if (error instanceof NetworkError) this.#sessions.suspect();
      throw error;
    }
    if (answer.status === 401) {
      const renewed = await this.#sessions.renew(session);
      if (renewed !== session) answer = await send(renewed);
    }
    if (answer.status < 300) return answer;
    const retryAfter = answer.headers['retry-after'];
    throw new ApiError(request, answer.status, tryJson(answer.body), retryAfter);
  }

  async #send(
    dispatcher: Dispatcher,
    session: Session,
    request: ApiRequest,
    body: string | null,
    onData?: (chunk: Uint8Array) => void,
  ): Promise<Answer> {
    const streaming = onData !== undefined;
    const startedAt = this.#clock.monotonic();
    const sentAt = this.#clock.now();
    const report = (status: number | 'error', headers?: IncomingHttpHeaders): void => {
      const seconds = (this.#clock.monotonic() - startedAt) / 1000;
      const receivedAt = this.#clock.now();
      const serverDate = Date.parse(headers?.date ?? '');
      this.#onResponse?.({
        method: request.method,
        resource: resourceOf(request.path),
        status,
        seconds,
        ...(Number.isNaN(serverDate) ? {} : { serverDate }),
        sentAt,
        receivedAt,
      });
    };
    let headSeen = false;
    try {
      return await exchange(
        dispatcher,
        {
          origin: session.origin,
          method: request.method,
          path: session.basePath + request.path + queryOf(request),
          headers: this.#headersOf(session, request, body),
          body,
          headersTimeout: HEADERS_TIMEOUT_MS,
          bodyTimeout: request.idleTimeoutMs ?? IDLE_TIMEOUT_MS,
        },
        {
          request,
          timeoutMs: request.timeoutMs ?? (streaming ? undefined : REQUEST_TIMEOUT_MS),
          signal: streaming ? this.#untilClosed(request.signal) : request.signal,
          ...(this.#mayWrite !== undefined &&
            request.method !== 'GET' && { beforeSend: () => this.#fence(request) }),
          ...(this.#onResponse !== undefined && {
            onHead: (status: number, headers: IncomingHttpHeaders) => {
              headSeen = true;
              report(status, headers);
            },
          }),
          ...(streaming && { onData }),
        },
      );
    } catch (error) {
      if (!headSeen && error instanceof NetworkError) report('error');
      throw error;
    }
  }

  #fence(request: ApiRequest): FencedError | undefined {
    return this.#mayWrite?.() === false ? new FencedError(request) : undefined;
  }

  #untilClosed(signal: AbortSignal | undefined): AbortSignal {
    const { signal: closing } = this.#closing;
    return signal === undefined ? closing : AbortSignal.any([signal, closing]);
  }

  #headersOf(session: Session, request: ApiRequest, body: string | null): string[] {
    const headers = ['user-agent', this.#userAgent, 'accept', 'application/json'];
    if (body !== null) headers.push('content-type', request.contentType ?? 'application/json');
    headers.push(...session.headers);
    return headers;
  }
}

function queryOf(request: ApiRequest): string {
  for (const _ in request.query) return `?${new URLSearchParams(request.query).toString()}`;
  return '';
}

/** `/apis/g/v/namespaces/ns/plural/name/sub` as `plural/sub`, for a metric's label. */
export function resourceOf(path: string): string {
  const segments = path.split('/');
  let index = segments[1] === 'api' ? 3 : 4;
  if (segments[index] === 'namespaces' && segments.length > index + 2) index += 2;
  const subresource = segments[index + 2];
  return `${segments[index] ?? ''}${subresource === undefined ? '' : `/${subresource}`}`;
}

function parseJson(request: ApiRequest, answer: Answer): unknown {
  const parsed = tryJson(answer.body);
  if (parsed !== undefined) return parsed;
  // The parser's own message would quote the body, which may hold a secret.
  throw new NetworkError(request, 'INVALID_RESPONSE', 'the answer is not JSON');
}

function tryJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
