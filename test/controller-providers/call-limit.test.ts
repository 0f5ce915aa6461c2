import { expect, test } from 'vitest';
import { type CallBudget, CallLimit } from '../../src/controller/providers/call-limit.ts';
import { ProviderError } from '../../src/providers/provider-error.ts';
import { ManualClock } from '../kubernetes/manual-clock.ts';

const { signal } = new AbortController();

function limitOf({ atOnce = 2, most = 100 } = {}) {
  const clock = new ManualClock();
  const budget: CallBudget = { most, taken: 0 };
  const limit = new CallLimit({ atOnce, budget, now: () => clock.monotonic() });
  return { clock, budget, limit };
}

async function busy(promise: Promise<unknown>): Promise<number> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof ProviderError)) throw new Error('it was let through');
  expect(error.reason).toBe('ProviderBusy');
  return error.retryAfterMs ?? Number.NaN;
}

test('as many calls as allowed are under way, as many more wait, the rest are sent away', async () => {
  const { limit, budget } = limitOf();
  const first = await limit.enter(signal);
  await limit.enter(signal);
  const order: number[] = [];
  const waiting = [3, 4].map(async (number) => {
    const leave = await limit.enter(signal);
    order.push(number);
    return leave;
  });
  expect(await busy(limit.enter(signal))).toBeGreaterThan(0);
  expect(budget.taken).toBe(4);
  expect(order).toEqual([]);
  first();
  const third = await waiting[0];
  expect(order).toEqual([3]);
  // The place went to the one that waited longest: a newcomer waits behind the other.
  const newcomer = limit.enter(signal);
  third?.();
  const fourth = await waiting[1];
  fourth?.();
  (await newcomer)();
  expect(budget.taken).toBe(1);
});

test('a place that is left is taken by one call alone', async () => {
  const { limit } = limitOf({ atOnce: 1 });
  const leave = await limit.enter(signal);
  const waiting = limit.enter(signal);
  leave();
  // In the same turn of the event loop, before the one that waited goes on.
  const newcomer = limit.enter(signal);
  let entered = false;
  void newcomer.then(() => {
    entered = true;
  });
  const leaveToo = await waiting;
  await Promise.resolve();
  expect(entered).toBe(false);
  leaveToo();
  (await newcomer)();
});

test('calls of all providers together leave workers for everything else', async () => {
  const clock = new ManualClock();
  const budget: CallBudget = { most: 3, taken: 0 };
  const limits = [1, 2].map(
    () => new CallLimit({ atOnce: 2, budget, now: () => clock.monotonic() }),
  );
  const [one, other] = limits;
  const leave = await one?.enter(signal);
  await one?.enter(signal);
  await other?.enter(signal);
  await busy(other?.enter(signal) ?? Promise.resolve());
  leave?.();
  await other?.enter(signal);
  expect(budget.taken).toBe(3);
});

test('who gives up while waiting leaves the queue', async () => {
  const { limit, budget } = limitOf({ atOnce: 1 });
  const leave = await limit.enter(signal);
  const giving = new AbortController();
  const waiting = limit.enter(giving.signal);
  giving.abort();
  await busy(waiting);
  expect(budget.taken).toBe(1);
  leave();
  (await limit.enter(signal))();
  expect(budget.taken).toBe(0);
});

test('those who are sent away come back one after the other, as fast as calls end', async () => {
  const { limit, clock } = limitOf({ atOnce: 2 });
  for (let call = 0; call < 30; call += 1) {
    const leave = await limit.enter(signal);
    clock.advance(1000);
    leave();
  }
  await limit.enter(signal);
  await limit.enter(signal);
  const ending = new AbortController();
  const waiting = [limit.enter(ending.signal), limit.enter(ending.signal)];
  const turns = [];
  for (let caller = 0; caller < 100; caller += 1) turns.push(await busy(limit.enter(signal)));
  const [first = 0, second = 0] = turns;
  expect(first).toBeGreaterThan(450);
  expect(second - first).toBeGreaterThan(450);
  expect(turns.at(-1)).toBe(30_000);
  ending.abort();
  await Promise.all(waiting.map(busy));
});
