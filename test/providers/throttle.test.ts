import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Throttle } from '../../src/providers/throttle.ts';

const never = new AbortController().signal;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance', 'setTimeout', 'clearTimeout'] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** Lets `count` requests queue; `admitted` are those whose turn has come. */
function queue(throttle: Throttle, count: number): { admitted: (() => void)[] } {
  const admitted: (() => void)[] = [];
  for (let index = 0; index < count; index++) {
    void throttle.acquire(never).then((release) => admitted.push(release));
  }
  return { admitted };
}

test('admits a burst of one second, then one request after the other', async () => {
  const { admitted } = queue(new Throttle({ perSecond: 4, concurrency: 100 }), 7);
  await vi.advanceTimersByTimeAsync(0);
  expect(admitted).toHaveLength(4);
  for (const expected of [5, 6, 7]) {
    await vi.advanceTimersByTimeAsync(249);
    expect(admitted).toHaveLength(expected - 1);
    await vi.advanceTimersByTimeAsync(1);
    expect(admitted).toHaveLength(expected);
  }
});

test('saves up no more than one second', async () => {
  const throttle = new Throttle({ perSecond: 4, concurrency: 100 });
  await vi.advanceTimersByTimeAsync(60_000);
  const { admitted } = queue(throttle, 10);
  await vi.advanceTimersByTimeAsync(0);
  expect(admitted).toHaveLength(4);
});

test('less than one a second is possible', async () => {
  const { admitted } = queue(new Throttle({ perSecond: 0.5, concurrency: 100 }), 2);
  await vi.advanceTimersByTimeAsync(1_999);
  expect(admitted).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(1);
  expect(admitted).toHaveLength(2);
});

test('who waits for another to end takes no token meanwhile', async () => {
  const { admitted } = queue(new Throttle({ perSecond: 2, concurrency: 1 }), 5);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(admitted).toHaveLength(1);
  for (const ended of [0, 1, 2]) {
    admitted[ended]?.();
    await vi.advanceTimersByTimeAsync(0);
  }
  // However long the first one took, no more than two follow at once.
  expect(admitted).toHaveLength(3);
  await vi.advanceTimersByTimeAsync(500);
  expect(admitted).toHaveLength(4);
});
