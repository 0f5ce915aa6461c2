import { describe, expect, test } from 'vitest';
import { failure, malformed, retryAfterMs, send } from '../../src/providers/answers.ts';
import type { HttpClient, HttpResponse } from '../../src/providers/http.ts';
import { ProviderError } from '../../src/providers/provider-error.ts';

const changing = { operation: 'changing it', hasEffect: true };
const reading = { operation: 'reading it', hasEffect: false };
const now = Date.parse('2026-11-24T10:00:00Z');

function answer(status: number, body = '', headers: HttpResponse['headers'] = {}): HttpResponse {
  return { status, body, headers };
}

describe('an answer that is no success', () => {
  test.each([
    [400, 'ProviderRejected', false],
    [404, 'ProviderRejected', false],
    [408, 'ProviderUnavailable', true],
    [429, 'RateLimited', false],
    [500, 'ProviderUnavailable', true],
    [503, 'ProviderUnavailable', true],
    [302, 'ProviderUnavailable', true],
  ])('%i is %s', (status, reason, ambiguous) => {
    const message = `changing it: status ${status}`;
    expect(failure(changing, answer(status), 'ProviderRejected')).toMatchObject({
      reason,
      message,
      ambiguous,
    });
    expect(failure(reading, answer(status), 'ProviderRejected')).toMatchObject({
      reason,
      ambiguous: false,
    });
  });

  test.each([
    ['{"error":"invalid_client","error_description":"secret xyz"}', 'status 401 invalid_client'],
    ['{"error":"Realm not found."}', 'status 401'],
    ['{"error":"eyJhbGciOiJIUzI1NiJ9"}', 'status 401'],
    ['{"error":"a\\u0000b"}', 'status 401'],
    [`{"error":"${'a'.repeat(41)}"}`, 'status 401'],
    ['{"error":["invalid_client"]}', 'status 401'],
    ['<html>invalid_client</html>', 'status 401'],
  ])('is told by its status and code, and nothing else of %s', (body, message) => {
    const error = failure(reading, answer(401, body), 'ProviderUnauthorized');
    expect(error).toMatchObject({
      reason: 'ProviderUnauthorized',
      message: `reading it: ${message}`,
    });
  });

  test('that is too much for the provider says when to come again', () => {
    const error = failure(reading, answer(429, '', { 'retry-after': '7' }), 'ProviderRejected');
    expect(error).toMatchObject({ reason: 'RateLimited', retryAfterMs: 7_000 });
  });

  test('that is malformed may have had its effect', () => {
    expect(malformed(changing)).toMatchObject({ reason: 'ProviderUnavailable', ambiguous: true });
    expect(malformed(reading)).toMatchObject({ message: 'reading it: the answer is malformed' });
  });
});

test.each([
  ['0', 0],
  ['120', 120_000],
  ['Tue, 24 Nov 2026 10:00:30 GMT', 30_000],
  ['Tue, 24 Nov 2026 09:00:00 GMT', 0],
  ['86400', 3_600_000],
  ['soon', undefined],
  ['', undefined],
  [undefined, undefined],
])('Retry-After %s', (value, expected) => {
  expect(retryAfterMs(answer(429, '', { 'retry-after': value }), now)).toBe(expected);
});

describe('a request without an answer', () => {
  const failing = (error: Error): HttpClient => ({
    request: () => Promise.reject(error),
    close: async () => undefined,
  });
  const request = {
    method: 'POST',
    url: 'http://127.0.0.1/',
    signal: AbortSignal.timeout(1000),
  } as const;

  test.each([true, false])(
    'names its operation; ambiguous only with an effect (%s)',
    async (ambiguous) => {
      const lost = new ProviderError('ProviderUnavailable', 'the connection was lost', {
        ambiguous,
      });
      await expect(send(failing(lost), changing, request)).rejects.toMatchObject({
        message: 'changing it: the connection was lost',
        ambiguous,
      });
      await expect(send(failing(lost), reading, request)).rejects.toMatchObject({
        ambiguous: false,
      });
    },
  );

  test('for a fault of our own passes as it is', async () => {
    const fault = new TypeError('a fault');
    await expect(send(failing(fault), reading, request)).rejects.toBe(fault);
  });
});
