import { ProviderError } from '../../providers/provider-error.ts';

/** How many workers may be in calls of any provider, so that some are left for everything else. */
export interface CallBudget {
  readonly most: number;
  taken: number;
}

export interface CallLimitOptions {
  /** How many calls may be under way; as many more may wait for their turn. */
  readonly atOnce: number;
  readonly budget: CallBudget;
  /** Monotonic, in milliseconds. */
  readonly now: () => number;
}

const LONGEST_WAIT_MS = 5_000;
const LONGEST_PAUSE_MS = 30_000;
const ASSUMED_CALL_MS = 200;

/** Lets a few calls through at once, and tells the others when to come again. */
export class CallLimit {
  readonly #o: CallLimitOptions;
  readonly #waiting = new Set<() => void>();
  #running = 0;
  #callMs = ASSUMED_CALL_MS;
  /** The turn that was given last to a call that was sent away. */
  #lastTurn = 0;

  constructor(options: CallLimitOptions) {
    this.#o = options;
  }

  /**
   * Waits shortly for a turn; resolves to what must be called once when the call has ended.
   *
   * @throws {ProviderError} ProviderBusy where too many wait already, or for too long
   */
  async enter(signal: AbortSignal): Promise<() => void> {
    const { atOnce, budget } = this.#o;
    if (budget.taken >= budget.most || this.#waiting.size >= atOnce) throw this.#busy();
    budget.taken += 1;
    try {
      if (this.#running < atOnce) this.#running += 1;
      else await this.#takeOver(signal);
    } catch (error) {
      budget.taken -= 1;
      throw error;
    }
    return this.#begin();
  }

  #begin(): () => void {
    const { budget, now } = this.#o;
    const startedAt = now();
    return () => {
      this.#callMs = 0.8 * this.#callMs + 0.2 * (now() - startedAt);
      budget.taken -= 1;
      const [next] = this.#waiting;
      if (next === undefined) this.#running -= 1;
      else next();
    };
  }

  /** Resolves when a call has ended and left its place to this one. */
  #takeOver(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const leave = () => {
        this.#waiting.delete(come);
        clearTimeout(timer);
        signal.removeEventListener('abort', giveUp);
      };
      const come = () => {
        leave();
        resolve();
      };
      const giveUp = () => {
        leave();
        reject(this.#busy());
      };
      const timer = setTimeout(giveUp, LONGEST_WAIT_MS);
      signal.addEventListener('abort', giveUp, { once: true });
      this.#waiting.add(come);
    });
  }

  /** Those who are sent away get turns one after the other, as fast as calls end. */
  #busy(): ProviderError {
    const now = this.#o.now();
    const latest = now + LONGEST_PAUSE_MS;
    const spacing = this.#callMs / this.#o.atOnce;
    this.#lastTurn = Math.min(Math.max(this.#lastTurn, now) + spacing, latest);
    const message = 'other calls of the provider are under way';
    const retryAfterMs = Math.ceil(this.#lastTurn - now);
    return new ProviderError('ProviderBusy', message, { retryAfterMs });
  }
}
