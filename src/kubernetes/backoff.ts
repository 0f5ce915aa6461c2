import type { Clock } from './clock.ts';

export interface BackoffOptions {
  baseMs: number;
  maxMs: number;
  /** Without a failure for so long, the next delay is the base again. */
  resetAfterMs: number;
  clock: Clock;
  random: () => number;
}

/** Exponential delays, doubled at each failure, of which the upper half is random. */
export class Backoff {
  readonly #options: BackoffOptions;
  #nextMs: number;
  #resetAt = Number.NEGATIVE_INFINITY;

  constructor(options: BackoffOptions) {
    this.#options = options;
    this.#nextMs = options.baseMs;
  }

  /** The delay before the next try, in milliseconds, and no shorter than `atLeastMs`. */
  next(atLeastMs = 0): number {
    const { baseMs, maxMs, resetAfterMs, clock, random } = this.#options;
    const now = clock.monotonic();
    if (now >= this.#resetAt) this.#nextMs = baseMs;
    const delay = Math.max(atLeastMs, this.#nextMs * (0.5 + random() / 2));
    this.#nextMs = Math.min(this.#nextMs * 2, maxMs);
    this.#resetAt = now + delay + resetAfterMs;
    return delay;
  }
}
