import type { Clock } from './clock.ts';
import type { ResponseInfo } from './transport.ts';

export interface ReachabilityOptions {
  readonly clock: Clock;
  /** The API server answers again; called at most once in 30 s. */
  readonly onRecovery: () => void;
}

const RECOVERY_INTERVAL_MS = 30_000;

/** Tells when the API server answers again after it did not, or knew the credentials for none. */
export class Reachability {
  readonly #options: ReachabilityOptions;
  #lost = false;
  #recoveredAt = Number.NEGATIVE_INFINITY;

  constructor(options: ReachabilityOptions) {
    this.#options = options;
  }

  /** Only reads tell: a write may fail for the sake of its object, at an admission webhook. */
  observe({ method, status }: Pick<ResponseInfo, 'method' | 'status'>): void {
    if (method !== 'GET') return;
    if (status === 'error' || status === 401 || status >= 500) {
      this.#lost = true;
      return;
    }
    if (!this.#lost || status >= 300) return;
    const now = this.#options.clock.monotonic();
    if (now - this.#recoveredAt < RECOVERY_INTERVAL_MS) return;
    this.#lost = false;
    this.#recoveredAt = now;
    this.#options.onRecovery();
  }
}
