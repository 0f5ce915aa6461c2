import { expect, onTestFinished, test } from 'vitest';
import { ManualClock } from '../../kubernetes/manual-clock.ts';
import { startPingOneSimulator } from './simulator.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

async function start() {
  const clock = new ManualClock();
  const simulator = await startPingOneSimulator({ clock });
  onTestFinished(() => simulator.stop());
  const url = `${simulator.authURL}/${simulator.environmentID}/as/token`;
  const post = async (form: Record<string, string>, headers: Record<string, string> = {}) => {
    const response = await fetch(url, { method: 'POST', headers, body: new URLSearchParams(form) });
    const json: unknown = await response.json();
    const error = json instanceof Object && 'error' in json ? json.error : undefined;
    return [response.status, error];
  };
  const basic = (id: string, secret: string) => ({
    Authorization: `Basic ${Buffer.from(`${id}:${encodeURIComponent(secret)}`).toString('base64')}`,
  });
  return { clock, simulator, post, basic };
}

const CLIENT_CREDENTIALS = { grant_type: 'client_credentials' };
const MADE_UP = { grant_type: 'refresh_token', refresh_token: 'made-up' };

test('the current and the previous secret are accepted, the latter until its expiry', async () => {
  const { clock, simulator, post, basic } = await start();
  const { id } = simulator.addApplication();
  const old = simulator.secretsOf(id).current;
  simulator.rotateByHand(id, clock.now() + DAY_MS);
  const { current } = simulator.secretsOf(id);
  for (const secret of [old, current]) {
    expect(await post(CLIENT_CREDENTIALS, basic(id, secret))).toEqual([200, undefined]);
    expect(await post(MADE_UP, basic(id, secret))).toEqual([400, 'invalid_grant']);
  }
  expect(simulator.secretsOf(id).previous?.lastUsed).toBe(clock.now());
  clock.advance(DAY_MS);
  for (const form of [CLIENT_CREDENTIALS, MADE_UP]) {
    expect(await post(form, basic(id, old))).toEqual([401, 'invalid_client']);
    expect(await post(form, basic(id, 'wrong'))).toEqual([401, 'invalid_client']);
  }
  expect((await post(MADE_UP, basic(id, current)))[0]).toBe(400);
});

test('a client authenticates by its own method, and by one alone', async () => {
  const { simulator, post, basic } = await start();
  const { id } = simulator.addApplication({ tokenEndpointAuthMethod: 'CLIENT_SECRET_POST' });
  const { current } = simulator.secretsOf(id);
  const inBody = { ...CLIENT_CREDENTIALS, client_id: id, client_secret: current };
  expect(await post(inBody)).toEqual([200, undefined]);
  expect(await post(CLIENT_CREDENTIALS, basic(id, current))).toEqual([401, 'invalid_client']);
  expect(await post(inBody, basic(id, current))).toEqual([400, 'invalid_request']);
});

test('a grant type that the client has not is refused', async () => {
  const { simulator, post, basic } = await start();
  const { id } = simulator.addApplication({ grantTypes: ['AUTHORIZATION_CODE'] });
  const { current } = simulator.secretsOf(id);
  const refused = await post(CLIENT_CREDENTIALS, basic(id, current));
  expect(refused).toEqual([400, 'unauthorized_client']);
  const unknown = await post({ grant_type: 'password' }, basic(id, current));
  expect(unknown).toEqual([400, 'unsupported_grant_type']);
});

test('only a form is read', async () => {
  const { simulator } = await start();
  const url = `${simulator.authURL}/${simulator.environmentID}/as/token`;
  const headers = { 'Content-Type': 'application/json' };
  expect((await fetch(url, { method: 'POST', headers, body: '{}' })).status).toBe(415);
  expect((await fetch(url)).status).toBe(405);
});

test('a revocation that does not take', async () => {
  const { clock, simulator, post, basic } = await start();
  const { id } = simulator.addApplication();
  const old = simulator.secretsOf(id).current;
  simulator.rotateByHand(id, clock.now() + DAY_MS);
  simulator.letRevokedLinger(true);
  simulator.revokeByHand(id);
  expect(simulator.secretsOf(id).previous).toBeUndefined();
  expect(await post(CLIENT_CREDENTIALS, basic(id, old))).toEqual([200, undefined]);
  simulator.letRevokedLinger(false);
  expect(await post(CLIENT_CREDENTIALS, basic(id, old))).toEqual([401, 'invalid_client']);
});

test('a replacement without retention that does not take', async () => {
  const { simulator, post, basic } = await start();
  const { id } = simulator.addApplication();
  const old = simulator.secretsOf(id).current;
  simulator.letRevokedLinger(true);
  simulator.rotateByHand(id);
  expect(await post(CLIENT_CREDENTIALS, basic(id, old))).toEqual([200, undefined]);
});

test('a new secret that is not accepted yet', async () => {
  const { simulator, post, basic } = await start();
  const { id } = simulator.addApplication();
  simulator.letNewLag(true);
  expect(await post(CLIENT_CREDENTIALS, basic(id, simulator.secretsOf(id).current))).toEqual([
    200,
    undefined,
  ]);
  simulator.rotateByHand(id);
  const { current } = simulator.secretsOf(id);
  expect(await post(CLIENT_CREDENTIALS, basic(id, current))).toEqual([401, 'invalid_client']);
  simulator.letNewLag(false);
  expect(await post(CLIENT_CREDENTIALS, basic(id, current))).toEqual([200, undefined]);
});
