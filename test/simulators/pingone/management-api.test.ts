import { describe, expect, onTestFinished, test } from 'vitest';
import { ManualClock } from '../../kubernetes/manual-clock.ts';
import type { SimulatorOptions } from './options.ts';
import { type PingOneSimulator, startPingOneSimulator } from './simulator.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const JSON_TYPE = { 'Content-Type': 'application/json' };

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly json: unknown;
}

interface Bench {
  readonly simulator: PingOneSimulator;
  readonly clock: ManualClock;
  readonly id: string;
  /** Calls below the environment, as the worker. */
  call(method: string, path: string, init?: RequestInit): Promise<Answer>;
  /** POST on the application's secret. */
  rotate(body: unknown, headers?: Record<string, string>): Promise<Answer>;
  in(ms: number): string;
}

async function start(options: SimulatorOptions = {}): Promise<Bench> {
  const clock = new ManualClock();
  const simulator = await startPingOneSimulator({ clock, ...options });
  onTestFinished(() => simulator.stop());
  const { id } = simulator.addApplication();
  const token = await workerToken(simulator);
  const call = async (method: string, path: string, init: RequestInit = {}) => {
    const url = `${simulator.apiURL}/v1/environments/${simulator.environmentID}${path}`;
    const headers = { Authorization: `Bearer ${token}`, ...init.headers };
    const response = await fetch(url, { ...init, method, headers });
    const text = await response.text();
    const json: unknown = text === '' ? undefined : JSON.parse(text);
    return { status: response.status, headers: response.headers, json };
  };
  return {
    simulator,
    clock,
    id,
    call,
    rotate: (body, headers = JSON_TYPE) =>
      call('POST', `/applications/${id}/secret`, { headers, body: JSON.stringify(body) }),
    in: (ms) => new Date(clock.now() + ms).toISOString(),
  };
}

async function workerToken({ authURL, workerEnvironmentID, worker }: PingOneSimulator) {
  const credentials = Buffer.from(`${worker.clientID}:${worker.clientSecret}`).toString('base64');
  const response = await fetch(`${authURL}/${workerEnvironmentID}/as/token`, {
    method: 'POST',
    headers: { Authorization: `Basic ${credentials}` },
    body: new URLSearchParams({ grant_type: 'client_credentials' }),
  });
  const answer: unknown = await response.json();
  expect(answer).toMatchObject({ token_type: 'Bearer', expires_in: 3600 });
  return answer instanceof Object && 'access_token' in answer ? String(answer.access_token) : '';
}

describe('POST on a secret', () => {
  test('answers the documented representation', async () => {
    const { simulator, rotate, id, ...bench } = await start();
    const expiresAt = bench.in(DAY_MS);
    const { current: old } = simulator.secretsOf(id);
    const { status, headers, json } = await rotate({ previous: { expiresAt } });
    expect(status).toBe(200);
    expect(headers.get('Correlation-Id')).toMatch(/^[0-9a-f-]{36}$/);
    const { current } = simulator.secretsOf(id);
    expect(current).not.toBe(old);
    expect(current.length).toBeGreaterThanOrEqual(64);
    const environment = `${simulator.apiURL}/v1/environments/${simulator.environmentID}`;
    expect(json).toEqual({
      _links: {
        self: { href: `${environment}/applications/${id}/secret` },
        environment: { href: environment },
        application: { href: `${environment}/applications/${id}` },
      },
      environment: { id: simulator.environmentID },
      secret: current,
      previous: { secret: old, expiresAt },
    });
  });

  test.each([
    ['no content type', { previous: {} }, {}, 415],
    [
      'an imported secret',
      { secret: 'x' },
      { 'Content-Type': 'application/vnd.pingidentity.secret+json' },
      415,
    ],
    ['a form', {}, { 'Content-Type': 'application/x-www-form-urlencoded' }, 415],
    ['no object', ['x'], JSON_TYPE, 400],
    ['an unknown member', { retain: true }, JSON_TYPE, 400],
    ['a chosen secret', { secret: 'x' }, JSON_TYPE, 400],
    ['previous without expiry', { previous: {} }, JSON_TYPE, 400],
    [
      'a read-only member',
      { previous: { secret: 'x', expiresAt: '2026-11-25T10:00:00Z' } },
      JSON_TYPE,
      400,
    ],
    ['an expiry in epoch seconds', { previous: { expiresAt: 1_764_151_200 } }, JSON_TYPE, 400],
    ['an expiry without zone', { previous: { expiresAt: '2026-11-25T10:00:00' } }, JSON_TYPE, 400],
    ['an answer that cannot be had', {}, { ...JSON_TYPE, Accept: 'text/html' }, 406],
    [
      'a long transaction',
      {},
      { ...JSON_TYPE, 'X-Ping-External-Transaction-ID': 'x'.repeat(101) },
      400,
    ],
  ])('refuses %s', async (_name, body, headers: Record<string, string>, expected) => {
    const { simulator, id, call } = await start();
    const secrets = simulator.secretsOf(id);
    const init = { headers, body: new TextEncoder().encode(JSON.stringify(body)) };
    const { status, json } = await call('POST', `/applications/${id}/secret`, init);
    expect(status).toBe(expected);
    expect(json).toMatchObject({
      id: expect.any(String),
      code: expect.any(String),
      message: expect.any(String),
    });
    expect(simulator.secretsOf(id)).toEqual(secrets);
  });

  test.each([
    [59_999, 400],
    [60_000, 200],
    [30 * DAY_MS, 200],
    [30 * DAY_MS + 1, 400],
  ])('an expiry %i ms ahead: %i', async (ms, expected) => {
    const { rotate, ...bench } = await start();
    const { status, json } = await rotate({ previous: { expiresAt: bench.in(ms) } });
    expect(status).toBe(expected);
    if (expected === 400) {
      const innerError = { rangeMinimumValue: 60, rangeMaximumValue: 2_592_000 };
      const detail = { code: 'INVALID_VALUE', target: 'previous.expiresAt', innerError };
      expect(json).toMatchObject({ code: 'INVALID_DATA', details: [detail] });
    }
  });

  test('the switches turn it the other way', async () => {
    const { simulator, rotate, id, clock, ...bench } = await start({
      switches: { expiryOutOfRange: 'clamped', rotationOverPrevious: 'rejected' },
    });
    expect((await rotate({ previous: { expiresAt: bench.in(1000) } })).status).toBe(200);
    expect(simulator.secretsOf(id).previous?.expiresAt).toBe(clock.now() + 60_000);
    expect((await rotate({})).json).toMatchObject({
      code: 'INVALID_DATA',
      details: [{ code: 'CONSTRAINT_VIOLATION' }],
    });
  });

  test('the slot is a single one', async () => {
    const { simulator, rotate, id, ...bench } = await start();
    await rotate({ previous: { expiresAt: bench.in(DAY_MS) } });
    const { current } = simulator.secretsOf(id);
    await rotate({ previous: { expiresAt: bench.in(DAY_MS) } });
    expect(simulator.secretsOf(id).previous?.secret).toBe(current);
    await rotate({});
    expect(simulator.secretsOf(id).previous).toBeUndefined();
  });
});

describe('what a worker may not', () => {
  test.each([
    ['no token', ''],
    ['a made-up token', 'Bearer eyJhbGciOiJSUzI1NiJ9.e30.c2ln'],
    ['another scheme', 'Basic eDp5'],
  ])('%s: 401', async (_name, Authorization) => {
    const { call } = await start();
    const { status, json } = await call('GET', '/applications', { headers: { Authorization } });
    expect(status).toBe(401);
    expect(json).toMatchObject({ id: expect.any(String), code: expect.any(String) });
  });

  test('a token ends after an hour', async () => {
    const { call, clock } = await start();
    clock.advance(60 * 60 * 1000 - 1);
    expect((await call('GET', '/applications')).status).toBe(200);
    clock.advance(1);
    expect((await call('GET', '/applications')).status).toBe(401);
  });

  test("an application's own token opens nothing", async () => {
    const { simulator, id, call } = await start();
    const worker = { clientID: id, clientSecret: simulator.secretsOf(id).current };
    const token = await workerToken({ ...simulator, worker });
    const headers = { Authorization: `Bearer ${token}` };
    expect((await call('GET', `/applications/${id}/secret`, { headers })).status).toBe(403);
  });

  test('it cannot read its own secret', async () => {
    const { simulator, call } = await start();
    const path = `/applications/${simulator.worker.clientID}`;
    expect((await call('GET', path)).status).toBe(200);
    expect((await call('GET', `${path}/secret`)).json).toMatchObject({
      code: 'ACCESS_FAILED',
      details: [{ code: 'INSUFFICIENT_PERMISSIONS' }],
    });
  });

  test('permissions come late', async () => {
    const { simulator, id, call } = await start();
    simulator.lagPermissions(2);
    const statuses: number[] = [];
    for (let count = 0; count < 3; count++) {
      statuses.push((await call('GET', `/applications/${id}/secret`)).status);
    }
    expect(statuses).toEqual([403, 403, 200]);
  });

  test('more requests than the licence allows', async () => {
    const { call, clock } = await start({ rateLimit: { requests: 2, windowMs: 60_000 } });
    await call('GET', '/applications');
    await call('GET', '/applications');
    clock.advance(20_500);
    const { status, headers, json } = await call('GET', '/applications');
    expect(status).toBe(429);
    expect(headers.get('Retry-After')).toBe('40');
    expect(json).toMatchObject({ code: 'REQUEST_LIMITED' });
    clock.advance(40_000);
    expect((await call('GET', '/applications')).status).toBe(200);
  });
});

test('a missing application and one that is no OIDC application answer alike', async () => {
  const { simulator, call } = await start();
  const { id } = simulator.addApplication({ protocol: 'SAML' });
  const saml = await call('GET', `/applications/${id}/secret`);
  const missing = await call('GET', '/applications/6e3c7e8e-35a1-4b0b-9a51-0ec4a6a3b0aa/secret');
  const answer = { code: 'NOT_FOUND', message: 'The requested resource was not found.' };
  for (const { status, json } of [saml, missing]) {
    expect(status).toBe(404);
    expect(json).toMatchObject(answer);
  }
  expect((await call('GET', `/applications/${id}`)).json).toMatchObject({ protocol: 'SAML' });
});

test.each([
  [204, 204],
  [404, 404],
] as const)('DELETE with nothing to delete answers %s', async (deleteWithoutPrevious, expected) => {
  const { call, id } = await start({ switches: { deleteWithoutPrevious } });
  expect((await call('DELETE', `/applications/${id}/secret`)).status).toBe(expected);
});

test.each([
  ['GET', '/applications?filter=name', 400],
  ['GET', '/applications?limit=0', 400],
  ['GET', '/applications?cursor=x', 400],
  ['GET', '/applications/not-a-uuid', 400],
  ['GET', '/populations', 404],
  ['POST', '/applications', 405],
  ['PUT', '/applications/ID/secret', 405],
  ['PATCH', '/applications/ID/secret', 405],
  ['GET', '/applications/ID/secret/previous', 404],
  ['DELETE', '/applications/ID', 405],
])('%s %s: %i', async (method, path, expected) => {
  const { call, id } = await start();
  expect((await call(method, path.replace('ID', id))).status).toBe(expected);
});

test('pages are walked by cursor', async () => {
  const { simulator, call } = await start({ pageSize: 2 });
  simulator.addApplication();
  const first = await call('GET', '/applications');
  expect(first.json).toMatchObject({ size: 2, _embedded: { applications: [{}, {}] } });
  const next = /"next":\{"href":"[^"]*(\/applications\?[^"]*)"/.exec(JSON.stringify(first.json));
  const second = await call('GET', next?.[1] ?? '');
  expect(second.json).toMatchObject({ size: 2 });
  expect(JSON.stringify(second.json)).not.toContain('"next"');
});

test('what it received can be inspected, without credentials', async () => {
  const { simulator, id, call } = await start();
  await call('GET', `/applications/${id}/secret`);
  expect(simulator.requests.map(({ server, method, status }) => [server, method, status])).toEqual([
    ['auth', 'POST', 200],
    ['api', 'GET', 200],
  ]);
  const recorded = JSON.stringify(simulator.requests);
  expect(recorded).not.toContain('Bearer');
  expect(recorded).not.toContain(simulator.worker.clientSecret);
});
