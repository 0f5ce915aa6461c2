import type { Clock } from '../kubernetes/clock.ts';

/** How far the operator's clock and the API server's may differ before nothing is done by time. */
export const MAX_SKEW_MS = 30_000;
/** How old a comparison may be when something that cannot be undone is done by time. */
const FRESH_FOR_MS = 30_000;

interface Reading {
  /** The API server's time, as its `Date` header said. */
  readonly server: number;
  readonly monotonic: number;
}

/**
 * Compares the operator's clock with the API server's `Date` header. Between readings it counts on
 * with the monotonic clock, so that a step of the wall clock shows at once.
 */
export class ClockGuard {
  readonly #clock: Clock;
  #reading: Reading | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Takes a `Date` header, in epoch milliseconds; it is cut to whole seconds by the server. */
  observe(serverDate: number): void {
    this.#reading = { server: serverDate + 500, monotonic: this.#clock.monotonic() };
  }

  /** How many milliseconds the operator's clock is ahead of the API server's; undefined until known. */
  skew(): number | undefined {
    if (this.#reading === undefined) return undefined;
    const { server, monotonic } = this.#reading;
    return this.#clock.now() - (server + (this.#clock.monotonic() - monotonic));
  }

  /** The time: the operator's own, but for what it is wrong by where it cannot be trusted. */
  soundNow(): number {
    return this.#clock.now() - (this.isTrusted() ? 0 : (this.skew() ?? 0));
  }

  isTrusted(): boolean {
    const skew = this.skew();
    return skew !== undefined && Math.abs(skew) <= MAX_SKEW_MS;
  }

  isFresh(): boolean {
    return (
      this.#reading !== undefined &&
      this.#clock.monotonic() - this.#reading.monotonic <= FRESH_FOR_MS
    );
  }
}
