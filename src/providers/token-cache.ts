import { ProviderError } from './provider-error.ts';

export interface AccessToken {
  readonly value: string;
  readonly lifetimeMs: number;
}

// A token is dropped before its end, for the request that carries it takes a while.
const LONGEST_MARGIN_MS = 30_000;

/** The operator's access token: one request for it at a time, kept until shortly before its end. */
export class TokenCache {
  readonly #request: (signal: AbortSignal) => Promise<AccessToken>;
  readonly #closing = new AbortController();
  #kept: { readonly value: string; readonly until: number } | undefined;
  #underWay: Promise<string> | undefined;

  /** `request` gets a new token; its signal aborts on close() alone, for callers share the token. */
  constructor(request: (signal: AbortSignal) => Promise<AccessToken>) {
    this.#request = request;
  }

  /** @throws {ProviderError} what the request rejects with, never `ambiguous` */
  async get(signal: AbortSignal): Promise<string> {
    if (this.#kept !== undefined && performance.now() < this.#kept.until) return this.#kept.value;
    this.#underWay ??= this.#renew().finally(() => {
      this.#underWay = undefined;
    });
    return await unlessAborted(this.#underWay, signal);
  }

  /** Forgets `token`, which was refused, unless another one has taken its place. */
  discard(token: string): void {
    if (this.#kept?.value === token) this.#kept = undefined;
  }

  close(): void {
    this.#closing.abort();
  }

  async #renew(): Promise<string> {
    const requestedAt = performance.now();
    const { value, lifetimeMs } = await this.#request(this.#closing.signal);
    const margin = Math.min(LONGEST_MARGIN_MS, lifetimeMs / 2);
    this.#kept = { value, until: requestedAt + lifetimeMs - margin };
    return value;
  }
}

async function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  const aborted = Promise.withResolvers<never>();
  const abort = () => {
    aborted.reject(new ProviderError('ProviderUnavailable', 'the request was given up'));
  };
  if (signal.aborted) abort();
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([promise, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
