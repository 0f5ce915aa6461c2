/** Source of time; tests inject their own. */
export interface Clock {
  /** Wall-clock time in epoch milliseconds; may be stepped. */
  now(): number;
  /** Monotonic time in milliseconds from an arbitrary origin. */
  monotonic(): number;
}

/** The clocks of this process. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
};
