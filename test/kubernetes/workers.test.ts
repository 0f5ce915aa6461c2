import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { ApiError } from '../../src/kubernetes/api-error.ts';
import { systemClock } from '../../src/kubernetes/clock.ts';
import { WorkQueue, type WorkQueueOptions } from '../../src/kubernetes/work-queue.ts';
import { type Outcome, runWorkers, type WorkersOptions } from '../../src/kubernetes/workers.ts';

function workersFor(
  reconcile: WorkersOptions['reconcile'],
  options: Partial<WorkersOptions> = {},
  queueOptions: Partial<WorkQueueOptions> = {},
) {
  const queue = new WorkQueue({ clock: systemClock, ...queueOptions });
  const errors: { key: string; error: unknown; retryInMs: number }[] = [];
  const workers = runWorkers({
    queue,
    concurrency: 2,
    reconcile,
    onError: (key, error, retryInMs) => errors.push({ key, error, retryInMs }),
    ...options,
  });
  onTestFinished(async () => {
    await workers.stop(0);
  });
  return { queue, workers, errors };
}

const soon = { timeout: 30_000 };

test('as many keys are worked on at once as the concurrency says', async () => {
  const release = Promise.withResolvers<Outcome>();
  const started: string[] = [];
  const { queue } = workersFor((key) => {
    started.push(key);
    return release.promise;
  });
  for (const key of ['a', 'b', 'c']) queue.add(key);
  await expect.poll(() => started, soon).toEqual(['a', 'b']);
  await new Promise(setImmediate);
  expect(queue.depth).toBe(1);
  release.resolve({});
  await expect.poll(() => started, soon).toEqual(['a', 'b', 'c']);
});

test('the deadline of an outcome brings the key back, and an outcome without one removes it', async () => {
  const outcomes: Outcome[] = [{ at: Date.now() + 30 }, { at: Date.now() + 3_600_000 }, {}];
  const { queue } = workersFor(async () => outcomes.shift() ?? {});
  queue.add('a');
  await expect.poll(() => outcomes.length, soon).toBe(1);
  queue.add('a');
  await expect.poll(() => outcomes.length, soon).toBe(0);
});

test('an outcome may ask to be looked at again within a time, whatever the wall clock does', async () => {
  const outcomes: Outcome[] = [{ at: Date.now() + 3_600_000, withinMs: 20 }, {}];
  const { queue } = workersFor(async () => outcomes.shift() ?? {});
  queue.add('a');
  await expect.poll(() => outcomes.length, soon).toBe(0);
  expect(queue.retries('a')).toBe(0);
});

describe('a failure', () => {
  test('is told and tried again until it succeeds, which resets the backoff', async () => {
    const failures = [new Error('one'), new Error('two')];
    const done = Promise.withResolvers<void>();
    const { queue, errors } = workersFor(async () => {
      const failure = failures.shift();
      if (failure !== undefined) throw failure;
      done.resolve();
      return {};
    });
    queue.add('a');
    await done.promise;
    await expect.poll(() => queue.retries('a'), soon).toBe(0);
    expect(errors.map(({ key, error }) => `${key} ${error}`)).toEqual([
      'a Error: one',
      'a Error: two',
    ]);
    expect(errors[1]?.retryInMs).toBeGreaterThanOrEqual(5);
    expect(errors[1]?.retryInMs).toBeLessThanOrEqual(10);
  });

  test('that asks for time is given it', async () => {
    const { queue, errors } = workersFor(async () => {
      throw new ApiError({ method: 'GET', path: '/' }, 429, {}, '9');
    });
    queue.add('a');
    await expect.poll(() => errors.map(({ retryInMs }) => retryInMs), soon).toEqual([9000]);
  });

  test('is also a deadline that is no number', async () => {
    const { queue, errors } = workersFor(async () => ({ at: Number.NaN }));
    queue.add('a');
    await expect.poll(() => errors.length, soon).toBeGreaterThan(0);
    expect(errors[0]?.error).toBeInstanceOf(TypeError);
  });
});

describe('stopping', () => {
  test('waits for what is under way and takes nothing new', async () => {
    const release = Promise.withResolvers<Outcome>();
    const started: string[] = [];
    const { queue, workers } = workersFor(
      (key) => {
        started.push(key);
        return release.promise;
      },
      { concurrency: 1 },
    );
    queue.add('a');
    queue.add('b');
    await expect.poll(() => started, soon).toEqual(['a']);
    const stopped = workers.stop(60_000);
    release.resolve({});
    expect(await stopped).toBe(true);
    expect(started).toEqual(['a']);
  });

  test('aborts what does not end in time, which is not told as an error', async () => {
    const { queue, workers, errors } = workersFor(async (_, signal) => {
      await new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason), { once: true });
      });
      return {};
    });
    queue.add('a');
    await expect.poll(() => queue.longestRunningSeconds, soon).toBeGreaterThan(0);
    expect(await workers.stop(20)).toBe(false);
    expect(queue.unfinishedSeconds).toBe(0);
    expect(errors).toEqual([]);
  });

  test('does not wait for ever for what ignores its signal', async () => {
    const { queue, workers } = workersFor(() => new Promise(() => {}));
    queue.add('a');
    await expect.poll(() => queue.longestRunningSeconds, soon).toBeGreaterThan(0);
    expect(await workers.stop(0)).toBe(false);
  });
});

test('the observer is told results and how many are active', async () => {
  const told: unknown[] = [];
  const outcomes: (() => Outcome)[] = [
    () => ({}),
    () => ({ at: Date.now() + 3_600_000 }),
    () => {
      throw new Error('failed');
    },
  ];
  const { queue } = workersFor(
    async () => outcomes.shift()?.() ?? {},
    {
      concurrency: 1,
      observer: {
        started: (active) => told.push(['started', active]),
        finished: (result, _, active) => told.push([result, active]),
      },
    },
    { baseDelayMs: 3_600_000 },
  );
  for (const key of ['a', 'b', 'c']) queue.add(key);
  await expect
    .poll(() => told, soon)
    .toEqual([
      ['started', 1],
      ['success', 0],
      ['started', 1],
      ['requeue_after', 0],
      ['started', 1],
      ['error', 0],
    ]);
});

test('keys that keep coming are worked on by one worker at a time, and for the last time after the last addition', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 60 }),
      fc.integer({ min: 1, max: 4 }),
      async (keys, concurrency) => {
        const working = new Set<string>();
        const added = new Map<string, number>();
        const seen = new Map<string, number>();
        const errors: unknown[] = [];
        const queue = new WorkQueue({ clock: systemClock });
        const workers = runWorkers({
          queue,
          concurrency,
          onError: (_, error) => errors.push(error),
          reconcile: async (key) => {
            expect(working).not.toContain(key);
            working.add(key);
            const before = added.get(key) ?? 0;
            await new Promise(setImmediate);
            seen.set(key, before);
            working.delete(key);
            return {};
          },
        });
        for (const [index, key] of keys.entries()) {
          added.set(key, (added.get(key) ?? 0) + 1);
          queue.add(key, { low: index % 3 === 0 });
          if (index % 4 === 0) await new Promise(setImmediate);
        }
        while (queue.depth > 0 || working.size > 0) await new Promise(setImmediate);
        expect(await workers.stop(10_000)).toBe(true);
        expect(errors).toEqual([]);
        expect(seen).toEqual(added);
      },
    ),
    { numRuns: 100 },
  );
});
