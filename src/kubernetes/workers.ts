import { retryAfterOf } from './api-error.ts';
import { sleep } from './sleep.ts';
import type { WorkQueue } from './work-queue.ts';

export interface Outcome {
  /** When the key is to be looked at again without any event, wall clock in epoch ms. */
  at?: number;
  /** After how many milliseconds at most, whatever the wall clock does meanwhile. */
  withinMs?: number;
}

/** Hooks for metrics; they must not throw. */
export interface WorkersObserver {
  started?(active: number): void;
  finished?(result: 'success' | 'error' | 'requeue_after', seconds: number, active: number): void;
}

export interface WorkersOptions {
  queue: WorkQueue;
  /** How many keys are worked on at once. */
  concurrency: number;
  /** Brings one key to its desired state; a rejection has it retried. */
  reconcile: (key: string, signal: AbortSignal) => Promise<Outcome>;
  onError: (key: string, error: unknown, retryInMs: number) => void;
  observer?: WorkersObserver;
}

export interface Workers {
  /**
   * Takes no new keys, waits for those under way, after `graceMs` aborts their signal and gives
   * them one more second. Resolves with true if all ended without being aborted.
   */
  stop(graceMs: number): Promise<boolean>;
}

const UNWIND_MS = 1000;

/** Starts workers on a queue; they run until stopped. */
export function runWorkers(options: WorkersOptions): Workers {
  const { queue, concurrency, reconcile, onError, observer } = options;
  const abort = new AbortController();
  let active = 0;

  async function work(key: string): Promise<void> {
    const startedAt = performance.now();
    let result: 'success' | 'error' | 'requeue_after' = 'success';
    active += 1;
    observer?.started?.(active);
    try {
      const { at, withinMs } = await reconcile(key, abort.signal);
      if (at !== undefined || withinMs !== undefined) result = 'requeue_after';
      queue.forget(key);
      queue.schedule(key, at);
      if (withinMs !== undefined) queue.revisit(key, withinMs);
    } catch (error) {
      result = 'error';
      // What fails because it was aborted is taken up by the next process.
      if (!abort.signal.aborted) onError(key, error, queue.retry(key, retryAfterOf(error)));
    } finally {
      active -= 1;
      queue.done(key);
      observer?.finished?.(result, (performance.now() - startedAt) / 1000, active);
    }
  }

  async function loop(): Promise<void> {
    for (;;) {
      const key = await queue.take();
      if (key === undefined) return;
      await work(key);
    }
  }

  const ended = Promise.all(Array.from({ length: concurrency }, loop));

  async function endedWithin(ms: number): Promise<boolean> {
    const waiting = new AbortController();
    const done = ended.then(() => true);
    const result = await Promise.race([done, sleep(ms, waiting.signal).then(() => false)]);
    waiting.abort();
    return result;
  }

  return {
    async stop(graceMs) {
      queue.shutDown();
      if (await endedWithin(graceMs)) return true;
      abort.abort(new Error('the workers were stopped'));
      await endedWithin(UNWIND_MS);
      return false;
    },
  };
}
