import { describe, expect, test } from 'vitest';
import type { Bench } from './harness.ts';
import { DAY_MS, rejection, startBench, TRANSACTION } from './harness.ts';

const CORRELATION = / \[Correlation-Id [0-9a-f-]{36}\]$/;
const OPERATIONS = ['read', 'rotate', 'revoke'] as const;

async function withRetained(bench: Bench) {
  const { id, clientID } = bench.simulator.addApplication();
  await bench.rotate(clientID, DAY_MS);
  return { id, clientID };
}

function run(
  { provider, rotate, signal }: Bench,
  operation: (typeof OPERATIONS)[number],
  clientID: string,
) {
  if (operation === 'read') return provider.read(clientID, signal);
  if (operation === 'rotate') return rotate(clientID, DAY_MS);
  return provider.revokePrevious(clientID, TRANSACTION, signal);
}

describe.each(['likePermissionLag', 'accessFailed'] as const)('a denial %s', (denial) => {
  test('403 on DELETE says that the permission to delete a secret is missing', async () => {
    const bench = await startBench({ switches: { denial } });
    const { id, clientID } = await withRetained(bench);
    const secrets = bench.simulator.secretsOf(id);
    bench.simulator.deny('applications:delete:secret');
    const { provider, signal } = bench;

    const error = await rejection(provider.revokePrevious(clientID, TRANSACTION, signal));

    expect(error).toMatchObject({ reason: 'ProviderForbidden', ambiguous: false });
    expect(error.message).toContain('status 403 ACCESS_FAILED (INSUFFICIENT_PERMISSIONS)');
    expect(error.message).toContain('lacks the permission to delete a secret');
    expect(bench.simulator.secretsOf(id)).toEqual(secrets);
  });

  test.each([
    ['applications:read:secret', 'read', 'read a secret'],
    ['applications:update:secret', 'rotate', 'update a secret'],
    ['applications:read:application', 'rotate', 'read applications'],
  ] as const)('without %s to %s says so', async (permission, operation, named) => {
    const bench = await startBench({ switches: { denial } });
    const { id, clientID } = bench.simulator.addApplication();
    const secrets = bench.simulator.secretsOf(id);
    bench.simulator.deny(permission);
    const error = await rejection(run(bench, operation, clientID));
    expect(error).toMatchObject({ reason: 'ProviderForbidden', ambiguous: false });
    expect(error.message).toContain(`lacks the permission to ${named} (${permission})`);
    expect(bench.simulator.secretsOf(id)).toEqual(secrets);
  });
});

test('an application with more roles than the operator has is out of reach', async () => {
  const bench = await startBench();
  const { clientID } = bench.simulator.addApplication({ moreRoles: true });
  const error = await rejection(bench.rotate(clientID));
  expect(error).toMatchObject({ reason: 'ProviderForbidden', ambiguous: false });
  expect(error.message).toContain('roles that the operator lacks');
  expect(bench.waits).toEqual([]);
});

test('permissions that have not propagated are waited for, a few times', async () => {
  const bench = await startBench();
  const { id, clientID } = bench.simulator.addApplication();
  bench.simulator.lagPermissions(3);
  await bench.provider.read(clientID, bench.signal);
  expect(bench.waits).toEqual([500, 1000, 2000]);
  bench.simulator.lagPermissions(4);
  const { current } = bench.simulator.secretsOf(id);
  const error = await rejection(bench.provider.read(clientID, bench.signal));
  expect(error.reason).toBe('ProviderForbidden');
  expect(bench.simulator.secretsOf(id).current).toBe(current);
});

test('a rotation refused for a lag of permissions alone is sent again', async () => {
  const bench = await startBench();
  const { id, clientID } = bench.simulator.addApplication();
  const { current } = bench.simulator.secretsOf(id);
  const body = JSON.stringify({
    code: 'ACCESS_FAILED',
    message: 'The actor attempting to perform the request is not authorized. Try later.',
  });
  const fault = { kind: 'answer', when: 'before', status: 403, body } as const;
  bench.simulator.faults.arm({ method: 'POST', server: 'api' }, fault, 2);
  await bench.rotate(clientID, DAY_MS);
  expect(bench.secretCalls()).toEqual(['GET', 'POST', 'POST', 'POST']);
  expect(bench.simulator.secretsOf(id).previous?.secret).toBe(current);
});

test('a wait for permissions ends when it is given up', async () => {
  const bench = await startBench();
  const { clientID } = bench.simulator.addApplication();
  await bench.provider.read(clientID, bench.signal);
  bench.simulator.lagPermissions(1);
  const { promise: until, resolve: goOn } = Promise.withResolvers<void>();
  bench.simulator.faults.arm({ path: /\/secret$/ }, { kind: 'hold', when: 'before', until });
  const giving = new AbortController();
  const read = rejection(bench.provider.read(clientID, giving.signal));
  giving.abort();
  goOn();
  expect(await read).toMatchObject({ reason: 'ProviderUnavailable', ambiguous: false });
});

test('the rate limit of the server is passed on with its Retry-After', async () => {
  const rateLimit = { requests: 2, windowMs: 60_000 };
  const bench = await startBench({ rateLimit });
  const { clientID } = bench.simulator.addApplication();
  await bench.provider.read(clientID, bench.signal);
  bench.clock.advance(15_000);
  const error = await rejection(bench.provider.read(clientID, bench.signal));
  expect(error).toMatchObject({
    reason: 'RateLimited',
    retryAfterMs: 45_000,
    ambiguous: false,
  });
  expect(error.message).toContain('status 429 REQUEST_LIMITED');
  bench.clock.advance(45_000);
  await bench.provider.read(clientID, bench.signal);
});

test.each([
  ['0', 0],
  ['120', 120_000],
  ['99999999', 3_600_000],
  ['Sun, 06 Nov 1994 08:49:37 GMT', 0],
  ['soon', undefined],
  ['', undefined],
])('Retry-After: "%s" is %s ms', async (value, retryAfterMs) => {
  const bench = await startBench();
  const { clientID } = bench.simulator.addApplication();
  const headers = { 'Retry-After': value };
  for (const [status, reason] of [
    [429, 'RateLimited'],
    [503, 'ProviderUnavailable'],
  ] as const) {
    const fault = { kind: 'answer', when: 'before', status, headers } as const;
    bench.simulator.faults.arm({ server: 'api' }, fault);
    const error = await rejection(bench.provider.read(clientID, bench.signal));
    expect(error).toMatchObject({ reason, retryAfterMs });
  }
});

test.each(['innerError', 'innererror'] as const)('details by %s are told', async (innerError) => {
  const bench = await startBench({ switches: { innerError } });
  const { clientID } = bench.simulator.addApplication();
  const detail = {
    code: 'INVALID_VALUE',
    target: 'previous.expiresAt',
    message: 'secret text',
    [innerError]: { rangeMinimumValue: 60, rangeMaximumValue: 2_592_000 },
  };
  const body = JSON.stringify({ id: '1', code: 'INVALID_DATA', message: 'm', details: [detail] });
  const headers = { 'Correlation-Id': '6e3c7e8e-35a1-4b0b-9a51-0ec4a6a3b0aa' };
  const fault = { kind: 'answer', when: 'before', status: 400, body, headers } as const;
  bench.simulator.faults.arm({ method: 'POST', server: 'api' }, fault);
  expect(await rejection(bench.rotate(clientID, DAY_MS))).toMatchObject({
    reason: 'ProviderRejected',
    ambiguous: false,
    message:
      'rotating the client secret: status 400 INVALID_DATA (INVALID_VALUE at previous.expiresAt from 60 to 2592000) [Correlation-Id 6e3c7e8e-35a1-4b0b-9a51-0ec4a6a3b0aa]',
  });
});

test('the Correlation-Id is kept at the end of a message', async () => {
  const bench = await startBench({ rateLimit: { requests: 0, windowMs: 1000 } });
  const error = await rejection(bench.provider.check(bench.signal));
  expect(error.message).toMatch(CORRELATION);
});

test.each(OPERATIONS)(
  'nothing unchecked of an answer gets into a message (%s)',
  async (operation) => {
    const hostile = 'top-secret\u001b[31m\nvalue'.repeat(50);
    const bench = await startBench();
    const { clientID } = bench.simulator.addApplication();
    const { current } = bench.simulator.secretsOf(clientID);
    const leaks = [hostile, current];
    for (const leak of leaks) {
      const body = JSON.stringify({
        code: leak,
        error: leak,
        message: leak,
        details: [
          { code: leak, target: leak, message: leak, innerError: { rangeMinimumValue: leak } },
          leak,
          null,
        ],
      });
      for (const status of [302, 400, 401, 409, 500]) {
        const headers = { 'Correlation-Id': encodeURIComponent(leak).slice(0, 100) };
        const fault = { kind: 'answer', when: 'before', status, body, headers } as const;
        bench.simulator.faults.arm({ server: 'api' }, fault, 2);
        const error = await rejection(run(bench, operation, clientID));
        bench.simulator.faults.disarm();
        expect(error.message).toMatch(/^[\x20-\x7e]{1,200}$/);
        expect(error.message).toMatch(new RegExp(`: status ${status}$`));
      }
    }
  },
);

test('a redirect is not followed, and leaves open whether a rotation happened', async () => {
  const bench = await startBench();
  const { clientID } = bench.simulator.addApplication();
  const headers = { Location: `${bench.simulator.apiURL}/elsewhere` };
  const fault = { kind: 'answer', when: 'before', status: 307, headers } as const;
  bench.simulator.faults.arm({ method: 'POST', server: 'api' }, fault);
  const error = await rejection(bench.rotate(clientID, DAY_MS));
  expect(error).toMatchObject({ reason: 'ProviderUnavailable', ambiguous: true });
  expect(bench.simulator.requests.some(({ path }) => path === '/elsewhere')).toBe(false);
});

test('requests carry the transaction, in 100 characters at most', async () => {
  const bench = await startBench();
  const { clientID } = bench.simulator.addApplication();
  const transaction = `${TRANSACTION}\u00e4\n${'x'.repeat(200)}`;
  const retainUntil = bench.clock.now() + DAY_MS;
  await bench.provider.rotate(clientID, { retainUntil, transaction }, bench.signal);
  await bench.provider.revokePrevious(clientID, TRANSACTION, bench.signal);
  const sent = bench.simulator.requests
    .filter(({ method, server }) => server === 'api' && method !== 'GET')
    .map(({ headers }) => headers['x-ping-external-transaction-id']);
  expect(sent).toEqual([`${TRANSACTION}${'x'.repeat(100 - TRANSACTION.length)}`, TRANSACTION]);
});
