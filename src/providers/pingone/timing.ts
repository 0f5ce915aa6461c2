import { setTimeout as sleep } from 'node:timers/promises';

/** Time as the provider sees it; tests inject their own. */
export interface Timing {
  /** Wall-clock time in epoch milliseconds. */
  now(): number;
  /** Waits `ms` milliseconds; rejects once the signal aborts. */
  delay(ms: number, signal: AbortSignal): Promise<void>;
}

/** The time of this process. */
export const systemTiming: Timing = {
  now: () => Date.now(),
  delay: (ms, signal) => sleep(ms, undefined, { signal }),
};
