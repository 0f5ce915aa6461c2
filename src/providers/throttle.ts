import { ProviderError } from './provider-error.ts';

interface Waiter {
  readonly admit: (release: () => void) => void;
  readonly refuse: (error: ProviderError) => void;
}

/**
 * Admits requests in the order of their arrival: a limited number at once, and, after a burst of
 * one second's worth, at a limited rate (a token bucket).
 */
export class Throttle {
  readonly #perSecond: number;
  readonly #burst: number;
  readonly #concurrency: number;
  readonly #waiting = new Set<Waiter>();
  #running = 0;
  #tokens: number;
  #filledAt = performance.now();
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: { readonly perSecond: number; readonly concurrency: number }) {
    this.#perSecond = options.perSecond;
    this.#burst = Math.max(1, options.perSecond);
    this.#concurrency = options.concurrency;
    this.#tokens = this.#burst;
  }

  /**
   * Waits for a request's turn; resolves to what must be called once when the request has ended.
   *
   * @throws {ProviderError} ProviderUnavailable where the signal aborts first, or after close()
   */
  acquire(signal: AbortSignal): Promise<() => void> {
    return new Promise((resolve, reject) => {
      if (this.#closed) return reject(closed());
      if (signal.aborted) return reject(givenUp());
      const onAbort = () => waiter.refuse(givenUp());
      const settle = () => {
        this.#waiting.delete(waiter);
        signal.removeEventListener('abort', onAbort);
      };
      const waiter: Waiter = {
        admit(release) {
          settle();
          resolve(release);
        },
        refuse(error) {
          settle();
          reject(error);
        },
      };
      signal.addEventListener('abort', onAbort, { once: true });
      this.#waiting.add(waiter);
      this.#admit();
    });
  }

  /** Refuses all who wait, and all who come. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    for (const waiter of [...this.#waiting]) waiter.refuse(closed());
  }

  #admit(): void {
    if (this.#timer !== undefined) return;
    for (const waiter of [...this.#waiting]) {
      if (this.#running >= this.#concurrency) return;
      const waitMs = this.#takeToken();
      if (waitMs > 0) {
        this.#timer = setTimeout(() => {
          this.#timer = undefined;
          this.#admit();
        }, waitMs);
        return;
      }
      this.#running += 1;
      waiter.admit(() => {
        this.#running -= 1;
        this.#admit();
      });
    }
  }

  /** Takes a token, or returns in how many milliseconds there will be one. */
  #takeToken(): number {
    const now = performance.now();
    const gained = ((now - this.#filledAt) / 1000) * this.#perSecond;
    this.#tokens = Math.min(this.#burst, this.#tokens + gained);
    this.#filledAt = now;
    if (this.#tokens < 1) return Math.ceil(((1 - this.#tokens) / this.#perSecond) * 1000);
    this.#tokens -= 1;
    return 0;
  }
}

function closed(): ProviderError {
  return new ProviderError('ProviderUnavailable', 'the connection to the provider is closed');
}

function givenUp(): ProviderError {
  return new ProviderError('ProviderUnavailable', 'the request was given up before it was sent');
}
