import type { Clock } from '../../src/kubernetes/clock.ts';

/** The machine's clock, moved ahead or set wrong by a test. */
export class TestClock implements Clock {
  #elapsed = 0;
  #error = 0;
  readonly #onMoved = new Set<() => void>();

  now(): number {
    return Date.now() + this.#elapsed + this.#error;
  }

  monotonic(): number {
    return performance.now() + this.#elapsed;
  }

  /** Time passes everywhere, for the API server too. */
  advance(ms: number): void {
    this.#elapsed += ms;
    this.#moved();
  }

  /** The operator's wall clock alone is set, ahead or back. */
  step(ms: number): void {
    this.#error += ms;
    this.#moved();
  }

  /** The API server's time, given its `Date` header. */
  serverTime = (date: number): number => date + this.#elapsed;

  /** Calls `listener` after each move, so that what is due by then is noticed. */
  onMoved(listener: () => void): void {
    this.#onMoved.add(listener);
  }

  #moved(): void {
    for (const listener of this.#onMoved) listener();
  }
}
