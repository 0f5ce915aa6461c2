import type { Clock } from './clock.ts';
import type { RateLimit } from './options.ts';
import { Problem } from './problem.ts';

/** Counts requests in windows of a fixed length. */
export class RateLimiter {
  readonly #limit: RateLimit | 'none';
  readonly #clock: Clock;
  #windowStart = Number.NEGATIVE_INFINITY;
  #count = 0;

  constructor(limit: RateLimit | 'none', clock: Clock) {
    this.#limit = limit;
    this.#clock = clock;
  }

  /** @throws {Problem} 429 with Retry-After */
  admit(): void {
    if (this.#limit === 'none') return;
    const { requests, windowMs } = this.#limit;
    const now = this.#clock.now();
    if (now >= this.#windowStart + windowMs) {
      this.#windowStart = now;
      this.#count = 0;
    }
    this.#count += 1;
    if (this.#count <= requests) return;
    const seconds = Math.ceil((this.#windowStart + windowMs - now) / 1000);
    throw new Problem(
      429,
      'REQUEST_LIMITED',
      'The request could not be completed. The rate limit was reached.',
      [],
      { 'Retry-After': String(seconds) },
    );
  }
}
