import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ProviderError } from '../../src/providers/provider-error.ts';
import { type AccessToken, TokenCache } from '../../src/providers/token-cache.ts';

const never = new AbortController().signal;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** A cache whose requests are answered by hand, in their order. */
function startCache() {
  const requests: { signal: AbortSignal; answer: PromiseWithResolvers<AccessToken> }[] = [];
  const cache = new TokenCache((signal) => {
    const answer = Promise.withResolvers<AccessToken>();
    requests.push({ signal, answer });
    return answer.promise;
  });
  const answer = (index: number, lifetimeMs = 300_000) =>
    requests[index]?.answer.resolve({ value: `token-${index}`, lifetimeMs });
  return { cache, requests, answer };
}

test('one request serves all who ask, and those who come later', async () => {
  const { cache, requests, answer } = startCache();
  const asked = [cache.get(never), cache.get(never)];
  answer(0);
  expect(await Promise.all(asked)).toEqual(['token-0', 'token-0']);
  expect(await cache.get(never)).toBe('token-0');
  expect(requests).toHaveLength(1);
});

test.each([
  [300_000, 270_000],
  [20_000, 10_000],
])('a token of %i ms is kept for %i', async (lifetimeMs, keptMs) => {
  const { cache, requests, answer } = startCache();
  const first = cache.get(never);
  answer(0, lifetimeMs);
  await first;
  vi.advanceTimersByTime(keptMs - 1);
  expect(await cache.get(never)).toBe('token-0');
  vi.advanceTimersByTime(1);
  const second = cache.get(never);
  answer(1);
  expect(await second).toBe('token-1');
  expect(requests).toHaveLength(2);
});

test('a refused token is forgotten, but not the one after it', async () => {
  const { cache, requests, answer } = startCache();
  const first = cache.get(never);
  answer(0);
  cache.discard(await first);
  const second = cache.get(never);
  answer(1);
  expect(await second).toBe('token-1');
  cache.discard('token-0');
  expect(await cache.get(never)).toBe('token-1');
  expect(requests).toHaveLength(2);
});

test('a failure is not kept', async () => {
  const { cache, requests, answer } = startCache();
  const first = cache.get(never);
  requests[0]?.answer.reject(new ProviderError('ProviderUnauthorized', 'no'));
  await expect(first).rejects.toMatchObject({ reason: 'ProviderUnauthorized' });
  const second = cache.get(never);
  answer(1);
  expect(await second).toBe('token-1');
});

test('who gives up leaves the request to the others', async () => {
  const { cache, requests, answer } = startCache();
  const abort = new AbortController();
  const impatient = cache.get(abort.signal);
  const patient = cache.get(never);
  abort.abort();
  await expect(impatient).rejects.toMatchObject({
    reason: 'ProviderUnavailable',
    ambiguous: false,
  });
  expect(requests[0]?.signal.aborted).toBe(false);
  answer(0);
  expect(await patient).toBe('token-0');
});

test('closing aborts the request', () => {
  const { cache, requests } = startCache();
  void cache.get(never);
  cache.close();
  expect(requests[0]?.signal.aborted).toBe(true);
});
