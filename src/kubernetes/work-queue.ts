import type { Clock } from './clock.ts';
import { DeadlineHeap } from './deadline-heap.ts';
import { Fifo } from './fifo.ts';

/** Hooks for metrics; they must not throw. */
export interface WorkQueueObserver {
  /** A key became queued, be it for the first time or again. */
  added?(depth: number): void;
  /** A key was handed to a worker after so long in the queue. */
  taken?(queuedSeconds: number, depth: number): void;
  /** A worker is done with a key. */
  finished?(workSeconds: number): void;
  /** A retry was scheduled. */
  retried?(): void;
}

export interface WorkQueueOptions {
  clock: Clock;
  /** The first retry's delay; default 5 ms. */
  baseDelayMs?: number;
  /** The longest delay of a retry; default 5 minutes. */
  maxDelayMs?: number;
  random?: () => number;
  observer?: WorkQueueObserver;
}

type Priority = 'high' | 'low';

interface Queued {
  priority: Priority;
  /** Monotonic. */
  since: number;
}

// A stepped clock or a suspended machine moves no timer: look at the wall clock again.
const MAX_SLEEP_MS = 15_000;

/**
 * Keys to be worked on. A key is queued once, is never with two workers, and comes again if it
 * was added while under work. It may have one calendar deadline, and one retry after a failure.
 */
export class WorkQueue {
  readonly #clock: Clock;
  readonly #baseDelayMs: number;
  readonly #maxDelayMs: number;
  readonly #random: () => number;
  readonly #observer: WorkQueueObserver;

  readonly #queued = new Map<string, Queued>();
  readonly #order: Record<Priority, Fifo<string>> = { high: new Fifo(), low: new Fifo() };
  /** Keys under work, and since when (monotonic). */
  readonly #working = new Map<string, number>();
  /** Keys under work that were added again. */
  readonly #dirty = new Map<string, Priority>();
  readonly #failures = new Map<string, number>();
  /** Wall clock. */
  readonly #deadlines = new DeadlineHeap();
  /** Monotonic clock. */
  readonly #retries = new DeadlineHeap();
  readonly #waiting = new Set<(key: string | undefined) => void>();
  #timer: NodeJS.Timeout | undefined;
  #timerAt = Number.POSITIVE_INFINITY;
  #shutDown = false;

  constructor(options: WorkQueueOptions) {
    this.#clock = options.clock;
    this.#baseDelayMs = options.baseDelayMs ?? 5;
    this.#maxDelayMs = options.maxDelayMs ?? 300_000;
    this.#random = options.random ?? Math.random;
    this.#observer = options.observer ?? {};
  }

  /** Keys that are ready and wait for a worker. */
  get depth(): number {
    return this.#queued.size;
  }

  /** Seconds that all keys under work have been so, together. */
  get unfinishedSeconds(): number {
    const now = this.#clock.monotonic();
    return this.#working.values().reduce((sum, since) => sum + (now - since) / 1000, 0);
  }

  /** Seconds that the key longest under work has been so; 0 where none is. */
  get longestRunningSeconds(): number {
    const now = this.#clock.monotonic();
    return this.#working.values().reduce((max, since) => Math.max(max, (now - since) / 1000), 0);
  }

  /** Queues a key; `low` ones are taken only when no other is ready. */
  add(key: string, options?: { low?: boolean }): void {
    if (this.#shutDown) return;
    const priority = options?.low === true ? 'low' : 'high';
    if (this.#working.has(key)) {
      if (this.#dirty.get(key) !== 'high') this.#dirty.set(key, priority);
      return;
    }
    this.#enqueue(key, priority);
  }

  /**
   * Sets the key's deadline (wall clock, epoch ms), replacing the one before; undefined removes
   * it. Throws TypeError on NaN.
   */
  schedule(key: string, atWallMs: number | undefined): void {
    if (Number.isNaN(atWallMs)) throw new TypeError('a deadline must be a number');
    if (this.#deadlines.get(key) === atWallMs) return;
    if (atWallMs === undefined) this.#deadlines.delete(key);
    else this.#deadlines.set(key, atWallMs);
    this.#arm();
  }

  /** Queues the key again after so many milliseconds, unless it is taken before. */
  revisit(key: string, afterMs: number): void {
    this.#retries.set(key, this.#clock.monotonic() + afterMs);
    this.#arm();
  }

  /**
   * Queues the key again after a delay that doubles with each failure, its upper half random,
   * and is no shorter than `afterMs`. Returns the delay in milliseconds.
   */
  retry(key: string, afterMs = 0): number {
    const failures = this.retries(key);
    this.#failures.set(key, failures + 1);
    const full = Math.min(this.#maxDelayMs, this.#baseDelayMs * 2 ** failures);
    const delay = Math.max(full * (0.5 + this.#random() / 2), afterMs);
    this.#retries.set(key, this.#clock.monotonic() + delay);
    this.#observer.retried?.();
    this.#arm();
    return delay;
  }

  /** Has every retry come within so many milliseconds, spread evenly, and starts all backoffs anew. */
  retryAll(withinMs: number): void {
    this.#failures.clear();
    const now = this.#clock.monotonic();
    for (const key of this.#retries.laterThan(now + withinMs)) {
      this.#retries.set(key, now + this.#random() * withinMs);
    }
    this.#arm();
  }

  /** Resets the key's backoff and drops its retry; its deadline stays. */
  forget(key: string): void {
    this.#failures.delete(key);
    this.#retries.delete(key);
  }

  /** How often the key failed since it was last forgotten. */
  retries(key: string): number {
    return this.#failures.get(key) ?? 0;
  }

  /** The next key, which is the caller's until done(); undefined once shut down or aborted. */
  async take(signal?: AbortSignal): Promise<string | undefined> {
    if (this.#shutDown || signal?.aborted === true) return undefined;
    const key = this.#dequeue();
    if (key !== undefined) return key;
    const { promise, resolve } = Promise.withResolvers<string | undefined>();
    const give = (given: string | undefined): void => {
      this.#waiting.delete(give);
      signal?.removeEventListener('abort', abort);
      resolve(given);
    };
    const abort = (): void => give(undefined);
    signal?.addEventListener('abort', abort, { once: true });
    this.#waiting.add(give);
    return promise;
  }

  /** Gives a key back; if it was added meanwhile it is queued again. */
  done(key: string): void {
    const since = this.#working.get(key);
    if (since === undefined) return;
    this.#working.delete(key);
    this.#observer.finished?.((this.#clock.monotonic() - since) / 1000);
    const dirty = this.#dirty.get(key);
    if (dirty === undefined) return;
    this.#dirty.delete(key);
    if (!this.#shutDown) this.#enqueue(key, dirty);
  }

  /** Looks at the clocks at once, as after a step or a wake-up. */
  poke(): void {
    if (this.#shutDown) return;
    // Where the monotonic clock jumped, the timer is later than #timerAt says.
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#addDue(this.#deadlines, this.#clock.now());
    this.#addDue(this.#retries, this.#clock.monotonic());
    this.#arm();
  }

  /** Lets nothing more be taken or added, and lets waiting workers go. */
  shutDown(): void {
    this.#shutDown = true;
    clearTimeout(this.#timer);
    for (const give of this.#waiting) give(undefined);
  }

  #enqueue(key: string, priority: Priority): void {
    const queued = this.#queued.get(key);
    if (queued !== undefined) {
      if (queued.priority === priority || priority === 'low') return;
      // Its place among the low ones is passed over when it is reached.
      queued.priority = priority;
      this.#order[priority].push(key);
      return;
    }
    this.#queued.set(key, { priority, since: this.#clock.monotonic() });
    this.#order[priority].push(key);
    this.#observer.added?.(this.#queued.size);
    const [give] = this.#waiting;
    give?.(this.#dequeue());
  }

  #dequeue(): string | undefined {
    const key = this.#shiftFrom('high') ?? this.#shiftFrom('low');
    if (key === undefined) return undefined;
    const now = this.#clock.monotonic();
    const since = this.#queued.get(key)?.since ?? now;
    this.#queued.delete(key);
    this.#working.set(key, now);
    // The work that the retry is for is done now.
    this.#retries.delete(key);
    this.#observer.taken?.((now - since) / 1000, this.#queued.size);
    return key;
  }

  #shiftFrom(priority: Priority): string | undefined {
    const order = this.#order[priority];
    for (let key = order.shift(); key !== undefined; key = order.shift()) {
      if (this.#queued.get(key)?.priority === priority) return key;
    }
    return undefined;
  }

  #addDue(times: DeadlineHeap, now: number): void {
    for (;;) {
      const key = times.takeDue(now);
      if (key === undefined) return;
      this.add(key);
    }
  }

  /** Keeps one timer, for whatever is due first on either clock. */
  #arm(): void {
    const now = this.#clock.monotonic();
    const wait = Math.min(
      this.#deadlines.earliest - this.#clock.now(),
      this.#retries.earliest - now,
    );
    if (this.#shutDown || wait === Number.POSITIVE_INFINITY) return;
    // Rounded up: a timer that fires early would only have to be set again.
    const sleep = Math.ceil(Math.min(Math.max(0, wait), MAX_SLEEP_MS));
    if (this.#timer !== undefined && this.#timerAt <= now + sleep) return;
    clearTimeout(this.#timer);
    this.#timerAt = now + sleep;
    this.#timer = setTimeout(() => this.poke(), sleep).unref();
  }
}
