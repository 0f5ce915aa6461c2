import type { Clock } from '../../src/kubernetes/clock.ts';

/** A clock that moves only when told to. */
export class ManualClock implements Clock {
  #wall = Date.parse('2026-11-24T10:00:00Z');
  #monotonic = 1000;

  now(): number {
    return this.#wall;
  }

  monotonic(): number {
    return this.#monotonic;
  }

  /** Lets time pass. */
  advance(ms: number): void {
    this.#wall += ms;
    this.#monotonic += ms;
  }

  /** Sets the wall clock alone, as an administrator or NTP does. */
  step(ms: number): void {
    this.#wall += ms;
  }
}
