import type { IncomingHttpHeaders } from 'node:http';
import type { Dispatcher } from 'undici';
import type { HttpResponse } from './http.ts';
import { ProviderError } from './provider-error.ts';

export interface ExchangeLimits {
  /** For connecting, sending and the whole answer together, in milliseconds. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/**
 * Sends one request on undici's lowest layer, which tells whether anything of it was sent.
 *
 * @throws {ProviderError} ProviderUnavailable, with a message that quotes nothing of the request or
 *   the answer; `ambiguous` once the request began to be sent
 */
export function exchange(
  dispatcher: Dispatcher,
  options: Dispatcher.DispatchOptions,
  limits: ExchangeLimits,
): Promise<HttpResponse> {
  return new Promise((resolve, reject) => {
    const handler = new ExchangeHandler(limits, resolve, reject);
    try {
      if (limits.signal.aborted) handler.fail('the request was given up');
      else dispatcher.dispatch(options, handler);
    } catch (error) {
      handler.fail(describe(error));
    }
  });
}

class ExchangeHandler implements Dispatcher.DispatchHandler {
  readonly #resolve: (response: HttpResponse) => void;
  readonly #reject: (error: ProviderError) => void;
  readonly #end: () => void;
  #controller: Dispatcher.DispatchController | undefined;
  #settled = false;
  #sending = false;
  #status = 0;
  #headers: IncomingHttpHeaders = {};
  readonly #chunks: Buffer[] = [];

  constructor(
    { timeoutMs, signal }: ExchangeLimits,
    resolve: (response: HttpResponse) => void,
    reject: (error: ProviderError) => void,
  ) {
    this.#resolve = resolve;
    this.#reject = reject;
    const timer = setTimeout(() => this.fail(`no complete answer in ${timeoutMs} ms`), timeoutMs);
    const onAbort = () => this.fail('the request was given up');
    signal.addEventListener('abort', onAbort, { once: true });
    this.#end = () => {
      this.#settled = true;
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
    };
  }

  /** Called when there is a connection and the request is about to be written to it. */
  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#settled) controller.abort(new Error('given up while connecting'));
    else this.#sending = true;
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: IncomingHttpHeaders,
  ): void {
    this.#status = status;
    this.#headers = headers;
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#chunks.push(chunk);
  }

  onResponseEnd(): void {
    if (this.#settled) return;
    this.#end();
    const body = Buffer.concat(this.#chunks).toString('utf8');
    this.#resolve({ status: this.#status, headers: this.#headers, body });
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.fail(describe(error));
  }

  fail(message: string): void {
    if (this.#settled) return;
    this.#end();
    const ambiguous = this.#sending;
    this.#reject(new ProviderError('ProviderUnavailable', message, { ambiguous }));
    this.#controller?.abort(new Error(message));
  }
}

const descriptions: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'the connection was refused',
  ENOTFOUND: 'the host name does not exist',
  EAI_AGAIN: 'the host name could not be looked up',
  EHOSTUNREACH: 'the host cannot be reached',
  ENETUNREACH: 'the network cannot be reached',
  ECONNRESET: 'the connection was lost',
  EPIPE: 'the connection was lost',
  UND_ERR_SOCKET: 'the connection was lost',
  UND_ERR_RES_EXCEEDED_MAX_SIZE: 'the answer is too long',
};

/** A library's message may quote the request or the answer; its code cannot. */
function describe(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (typeof code !== 'string' || !/^[A-Z0-9_]{1,64}$/.test(code)) return 'no answer';
  const description = descriptions[code];
  if (description !== undefined) return description;
  const tls = /CERT|TLS|SSL|SIGNATURE|PEM/.test(code);
  return tls ? `the server's certificate was not accepted (${code})` : `no answer (${code})`;
}
