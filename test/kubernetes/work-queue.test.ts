import fc from 'fast-check';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { systemClock } from '../../src/kubernetes/clock.ts';
import { WorkQueue } from '../../src/kubernetes/work-queue.ts';
import { ManualClock } from './manual-clock.ts';

function manualQueue(): { clock: ManualClock; queue: WorkQueue } {
  const clock = new ManualClock();
  return { clock, queue: new WorkQueue({ clock, random: () => 1 }) };
}

afterEach(() => {
  vi.useRealTimers();
});

/** All keys that are ready, taken and given back. */
async function drain(queue: WorkQueue): Promise<string[]> {
  const keys: string[] = [];
  while (queue.depth > 0) {
    const key = await queue.take();
    if (key === undefined) break;
    keys.push(key);
    queue.done(key);
  }
  return keys;
}

describe('adding and taking', () => {
  test('a key that is added twice is queued once, in the order of its first addition', async () => {
    const { queue } = manualQueue();
    for (const key of ['a', 'b', 'a']) queue.add(key);
    expect(await drain(queue)).toEqual(['a', 'b']);
  });

  test('a key added while under work comes again, after done and not before', async () => {
    const { queue } = manualQueue();
    queue.add('a');
    expect(await queue.take()).toBe('a');
    queue.add('a');
    expect(queue.depth).toBe(0);
    queue.done('a');
    expect(await drain(queue)).toEqual(['a']);
  });

  test('low keys wait for the others, and are promoted when added again', async () => {
    const { queue } = manualQueue();
    for (const key of ['low-1', 'low-2', 'low-3']) queue.add(key, { low: true });
    queue.add('high');
    queue.add('low-3');
    queue.add('high', { low: true });
    expect(await drain(queue)).toEqual(['high', 'low-3', 'low-1', 'low-2']);
  });

  test('a waiting worker is handed the next key', async () => {
    const { queue } = manualQueue();
    const first = queue.take();
    const second = queue.take();
    queue.add('a');
    queue.add('b');
    expect(await Promise.all([first, second])).toEqual(['a', 'b']);
  });

  test('an aborted take ends with undefined and takes nothing from the others', async () => {
    const { queue } = manualQueue();
    const abort = new AbortController();
    const given = queue.take(abort.signal);
    const other = queue.take();
    abort.abort();
    queue.add('a');
    expect(await given).toBeUndefined();
    expect(await other).toBe('a');
  });

  test('after shutDown nothing is taken, and those who wait are let go', async () => {
    const { queue } = manualQueue();
    const waiting = queue.take();
    queue.shutDown();
    queue.add('a');
    expect(await waiting).toBeUndefined();
    expect(await queue.take()).toBeUndefined();
    expect(queue.depth).toBe(0);
  });

  test('ten thousand keys are taken in order', async () => {
    const { queue } = manualQueue();
    const keys = Array.from({ length: 10_000 }, (_, index) => `key-${index}`);
    for (const key of keys) queue.add(key);
    expect(await drain(queue)).toEqual(keys);
  });
});

describe('deadlines', () => {
  test('a key is queued when its deadline comes, once', async () => {
    const { clock, queue } = manualQueue();
    queue.schedule('a', clock.now() + 1000);
    clock.advance(999);
    queue.poke();
    expect(queue.depth).toBe(0);
    clock.advance(1);
    queue.poke();
    queue.poke();
    expect(await drain(queue)).toEqual(['a']);
    queue.poke();
    expect(queue.depth).toBe(0);
  });

  test('a later call replaces or removes the deadline', async () => {
    const { clock, queue } = manualQueue();
    queue.schedule('moved', clock.now() + 1000);
    queue.schedule('moved', clock.now() + 5000);
    queue.schedule('removed', clock.now() + 1000);
    queue.schedule('removed', undefined);
    clock.advance(2000);
    queue.poke();
    expect(queue.depth).toBe(0);
    clock.advance(3000);
    queue.poke();
    expect(await drain(queue)).toEqual(['moved']);
  });

  test('a deadline follows the wall clock when that is stepped', async () => {
    const { clock, queue } = manualQueue();
    queue.schedule('a', clock.now() + 3_600_000);
    clock.step(3_600_000);
    queue.poke();
    expect(await drain(queue)).toEqual(['a']);
  });

  test('a deadline outlives work, failure and forgetting', async () => {
    const { clock, queue } = manualQueue();
    queue.schedule('a', clock.now() + 60_000);
    queue.add('a');
    expect(await queue.take()).toBe('a');
    queue.retry('a');
    queue.forget('a');
    queue.done('a');
    clock.advance(60_000);
    queue.poke();
    expect(await drain(queue)).toEqual(['a']);
  });

  test('the timer fires within milliseconds, also for a deadline that is set later', async () => {
    const queue = new WorkQueue({ clock: systemClock });
    const due = Date.now() + 150;
    queue.schedule('far', Date.now() + 600_000);
    queue.schedule('near', due);
    expect(await queue.take()).toBe('near');
    expect(Date.now() - due).toBeGreaterThanOrEqual(0);
    expect(Date.now() - due).toBeLessThan(1000);
    queue.shutDown();
  });

  test('a step of the clock is noticed within 15 s, whatever the timer was set for', () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const { clock, queue } = manualQueue();
    queue.schedule('a', clock.now() + 3_600_000);
    queue.retry('b', 1e12);
    clock.step(3_600_000);
    vi.advanceTimersByTime(14_999);
    expect(queue.depth).toBe(0);
    vi.advanceTimersByTime(1);
    expect(queue.depth).toBe(1);
    queue.shutDown();
    expect(vi.getTimerCount()).toBe(0);
  });

  test('what is no number is refused', () => {
    const { queue } = manualQueue();
    expect(() => queue.schedule('a', Number.NaN)).toThrow(TypeError);
  });
});

describe('retries', () => {
  test('the delay doubles up to the limit, and starts again once forgotten', () => {
    const clock = new ManualClock();
    const queue = new WorkQueue({ clock, baseDelayMs: 5, maxDelayMs: 50, random: () => 1 });
    const delays = Array.from({ length: 6 }, () => queue.retry('a'));
    expect(delays).toEqual([5, 10, 20, 40, 50, 50]);
    expect(queue.retries('a')).toBe(6);
    queue.forget('a');
    expect(queue.retries('a')).toBe(0);
    expect(queue.retry('a')).toBe(5);
  });

  test('the upper half of the delay is random', () => {
    const clock = new ManualClock();
    const queue = new WorkQueue({ clock, baseDelayMs: 100, random: () => 0 });
    expect(queue.retry('a')).toBe(50);
  });

  test('a Retry-After is waited for', async () => {
    const { clock, queue } = manualQueue();
    expect(queue.retry('a', 30_000)).toBe(30_000);
    clock.advance(29_999);
    queue.poke();
    expect(queue.depth).toBe(0);
    clock.advance(1);
    queue.poke();
    expect(await drain(queue)).toEqual(['a']);
  });

  test('a retry follows the monotonic clock, whatever the wall clock does', async () => {
    const { clock, queue } = manualQueue();
    queue.retry('a', 1000);
    clock.step(86_400_000);
    queue.poke();
    expect(queue.depth).toBe(0);
    clock.step(-2 * 86_400_000);
    clock.advance(1000);
    queue.poke();
    expect(await drain(queue)).toEqual(['a']);
  });

  test('a revisit comes after its time without being counted as a failure', async () => {
    const { clock, queue } = manualQueue();
    queue.revisit('a', 1000);
    clock.step(86_400_000);
    clock.advance(999);
    queue.poke();
    expect(queue.depth).toBe(0);
    clock.advance(1);
    queue.poke();
    expect(await drain(queue)).toEqual(['a']);
    expect(queue.retries('a')).toBe(0);
  });

  test('all retries can be brought forward, and their backoffs start anew', async () => {
    const { clock, queue } = manualQueue();
    for (let failure = 0; failure < 10; failure += 1) queue.retry('failing');
    queue.retry('told to wait', 60_000);
    queue.retry('soon', 100);
    queue.retryAll(1000);
    clock.advance(100);
    queue.poke();
    expect(await drain(queue)).toEqual(['soon']);
    clock.advance(900);
    queue.poke();
    expect((await drain(queue)).toSorted()).toEqual(['failing', 'told to wait']);
    expect(queue.retry('failing')).toBe(5);
  });

  test('work that was done meanwhile drops the retry', async () => {
    const { clock, queue } = manualQueue();
    queue.retry('a', 1000);
    queue.add('a');
    expect(await drain(queue)).toEqual(['a']);
    clock.advance(2000);
    queue.poke();
    expect(queue.depth).toBe(0);
  });
});

test('the observer is told what the metrics need', async () => {
  const clock = new ManualClock();
  const told: unknown[] = [];
  const queue = new WorkQueue({
    clock,
    observer: {
      added: (depth) => told.push(['added', depth]),
      taken: (seconds, depth) => told.push(['taken', seconds, depth]),
      finished: (seconds) => told.push(['finished', seconds]),
      retried: () => told.push(['retried']),
    },
  });
  queue.add('a');
  queue.add('a');
  queue.add('b');
  clock.advance(2000);
  await queue.take();
  await queue.take();
  clock.advance(500);
  expect(queue.unfinishedSeconds).toBe(1);
  expect(queue.longestRunningSeconds).toBe(0.5);
  queue.retry('a');
  queue.done('a');
  expect(told).toEqual([
    ['added', 1],
    ['added', 2],
    ['taken', 2, 1],
    ['taken', 2, 0],
    ['retried'],
    ['finished', 0.5],
  ]);
});

const KEYS = ['a', 'b', 'c', 'd'] as const;
const key = fc.constantFrom(...KEYS);
const operation = fc.oneof(
  fc.record({ do: fc.constant('add' as const), key, low: fc.boolean() }),
  fc.record({ do: fc.constant('take' as const) }),
  fc.record({ do: fc.constant('done' as const), key }),
  fc.record({ do: fc.constant('fail' as const), key }),
  fc.record({ do: fc.constant('schedule' as const), key, inMs: fc.nat(100) }),
  fc.record({ do: fc.constant('advance' as const), ms: fc.nat(100) }),
  fc.record({ do: fc.constant('step' as const), ms: fc.integer({ min: -100, max: 100 }) }),
);

test('no key is ever with two workers, and none that was added is lost', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(operation, { maxLength: 60 }), async (operations) => {
      const { clock, queue } = manualQueue();
      const working = new Set<string>();
      const waiting: Promise<void>[] = [];
      /** Keys that were added and not taken since. */
      const wanted = new Set<string>();
      const scheduled = new Map<string, number>();
      const retrying = new Map<string, number>();

      const take = async (): Promise<void> => {
        const taken = await queue.take();
        if (taken === undefined) return;
        expect(working).not.toContain(taken);
        working.add(taken);
        wanted.delete(taken);
        retrying.delete(taken);
      };
      const look = (): void => {
        queue.poke();
        for (const [times, now] of [
          [scheduled, clock.now()],
          [retrying, clock.monotonic()],
        ] as const) {
          for (const [due, at] of times) {
            if (at > now) continue;
            times.delete(due);
            wanted.add(due);
          }
        }
      };

      for (const step of operations) {
        if (step.do === 'add') {
          queue.add(step.key, { low: step.low });
          wanted.add(step.key);
        } else if (step.do === 'take') {
          waiting.push(take());
        } else if (step.do === 'done' && working.delete(step.key)) {
          queue.done(step.key);
        } else if (step.do === 'fail' && working.has(step.key)) {
          retrying.set(step.key, clock.monotonic() + queue.retry(step.key));
          working.delete(step.key);
          queue.done(step.key);
        } else if (step.do === 'schedule') {
          scheduled.set(step.key, clock.now() + step.inMs);
          queue.schedule(step.key, clock.now() + step.inMs);
        } else if (step.do === 'advance') {
          clock.advance(step.ms);
        } else if (step.do === 'step') {
          clock.step(step.ms);
        }
        look();
        await new Promise(setImmediate);
      }

      clock.step(1000);
      clock.advance(1_000_000);
      look();
      await new Promise(setImmediate);
      for (let round = 0; round < 20; round += 1) {
        for (const held of working) queue.done(held);
        working.clear();
        if (queue.depth > 0) waiting.push(take());
        await new Promise(setImmediate);
      }
      expect([...wanted]).toEqual([]);
      expect(queue.depth).toBe(0);
      queue.shutDown();
      await Promise.all(waiting);
    }),
    { numRuns: 300 },
  );
});
