import { expect, test } from 'vitest';
import { SecretValue } from '../../../src/api/secret-value.ts';
import { rejection, startBench } from './harness.ts';

const MINUTE_MS = 60_000;

function tokenRequests(simulator: { readonly requests: readonly { readonly path: string }[] }) {
  return simulator.requests.filter(({ path }) => path.endsWith('/as/token')).length;
}

test('a token is kept until shortly before its end', async () => {
  const { simulator, provider, signal, clock } = await startBench();
  const { clientID } = simulator.addApplication();
  for (let count = 0; count < 5; count++) await provider.read(clientID, signal);
  expect(tokenRequests(simulator)).toBe(1);
  clock.advance(60 * MINUTE_MS);
  await provider.read(clientID, signal);
  expect(tokenRequests(simulator)).toBe(2);
});

test('a token is renewed before it is refused', async () => {
  const { simulator, provider, signal } = await startBench({ tokenLifetimeSeconds: 1 });
  const { clientID } = simulator.addApplication();
  const read = async () => {
    await provider.read(clientID, signal);
    return tokenRequests(simulator);
  };
  await expect.poll(read, { timeout: 30_000 }).toBe(3);
  expect(simulator.requests.every(({ status }) => status === 200)).toBe(true);
});

test('many who need a token at once make one request', async () => {
  const { simulator, provider, signal } = await startBench();
  const clients = Array.from({ length: 20 }, () => simulator.addApplication().clientID);
  await Promise.all(clients.map((clientID) => provider.read(clientID, signal)));
  expect(tokenRequests(simulator)).toBe(1);
});

test('a token that is refused is replaced once', async () => {
  const { simulator, provider, signal, rotate } = await startBench();
  const { id, clientID } = simulator.addApplication();
  await provider.read(clientID, signal);
  const { current } = simulator.secretsOf(id);
  simulator.dropTokens();
  await rotate(clientID, 60 * MINUTE_MS);
  expect(tokenRequests(simulator)).toBe(2);
  expect(simulator.secretsOf(id).previous?.secret).toBe(current);
});

test('a token that is refused again and again is an error, not a loop', async () => {
  const { simulator, provider, signal, rotate } = await startBench();
  const { clientID } = simulator.addApplication();
  const fault = { kind: 'answer', when: 'before', status: 401 } as const;
  simulator.faults.arm({ server: 'api' }, fault, 10);
  const error = await rejection(provider.read(clientID, signal));
  expect(error).toMatchObject({ reason: 'ProviderUnauthorized', ambiguous: false });
  expect(simulator.faults.pending).toBe(8);
  expect(await rejection(rotate(clientID))).toMatchObject({ ambiguous: false });
});

test('refused tokens are replaced by one request for all', async () => {
  const { simulator, provider, signal } = await startBench();
  const clients = Array.from({ length: 8 }, () => simulator.addApplication().clientID);
  await Promise.all(clients.map((clientID) => provider.read(clientID, signal)));
  simulator.dropTokens();
  await Promise.all(clients.map((clientID) => provider.read(clientID, signal)));
  expect(tokenRequests(simulator)).toBe(2);
});

test('a token that is refused late does not cost its successor', async () => {
  const { simulator, provider, signal } = await startBench();
  const late = simulator.addApplication().clientID;
  const early = simulator.addApplication().clientID;
  await Promise.all([provider.read(late, signal), provider.read(early, signal)]);
  simulator.dropTokens();
  const { promise: until, resolve: goOn } = Promise.withResolvers<void>();
  const path = new RegExp(`${late}/secret$`);
  simulator.faults.arm({ path }, { kind: 'hold', when: 'after', until });
  const lateRead = provider.read(late, signal);
  await expect.poll(() => simulator.faults.pending).toBe(0);
  await provider.read(early, signal);
  goOn();
  await lateRead;
  expect(tokenRequests(simulator)).toBe(2);
});

test('a worker may authenticate in the body of the request', async () => {
  const { simulator, provider, signal, clock } = await startBench({
    workerAuthMethod: 'CLIENT_SECRET_POST',
  });
  const { clientID } = simulator.addApplication();
  await provider.read(clientID, signal);
  expect(tokenRequests(simulator)).toBe(2);
  clock.advance(60 * MINUTE_MS);
  await provider.read(clientID, signal);
  expect(tokenRequests(simulator)).toBe(3);
});

test('wrong credentials are told as such, and not repeated', async () => {
  const clientSecret = SecretValue.fromText('not-the-secret-of-this-worker');
  const { simulator, provider, signal, config } = await startBench();
  const { clientID } = simulator.addApplication();
  const wrong = await startBench(
    {},
    {
      ...config,
      credentials: { clientID: config.credentials.clientID, clientSecret },
    },
  );
  const error = await rejection(wrong.provider.read(clientID, signal));
  expect(error).toMatchObject({ reason: 'ProviderUnauthorized', ambiguous: false });
  expect(error.message).toMatch(/^getting an access token: status 401 invalid_client/);
  expect(error.message).not.toContain('not-the-secret');
  expect(error.message).not.toContain(config.credentials.clientID);
  expect(tokenRequests(simulator)).toBe(2);
  await provider.read(clientID, signal);
});

test.each([
  ['no JSON', 'token'],
  ['no token', '{"expires_in":3600}'],
  ['a token that fits no header', '{"access_token":"a\\r\\nb","expires_in":3600}'],
  ['no lifetime', '{"access_token":"abc"}'],
  ['a lifetime of nothing', '{"access_token":"abc","expires_in":0}'],
])('an answer with %s is malformed', async (_name, body) => {
  const { simulator, provider, signal } = await startBench();
  const { clientID } = simulator.addApplication();
  simulator.faults.arm({ server: 'auth' }, { kind: 'answer', when: 'after', status: 200, body });
  expect(await rejection(provider.read(clientID, signal))).toMatchObject({
    reason: 'ProviderUnavailable',
    message: 'getting an access token: the answer is malformed',
  });
});

test('no failure of a token request is ambiguous, for nothing else was sent', async () => {
  const { simulator, rotate } = await startBench();
  const { id, clientID } = simulator.addApplication();
  const secrets = simulator.secretsOf(id);
  for (const fault of [
    { kind: 'drop', when: 'after' },
    { kind: 'answer', when: 'before', status: 503 },
  ] as const) {
    simulator.faults.arm({ server: 'auth' }, fault);
    expect(await rejection(rotate(clientID))).toMatchObject({
      reason: 'ProviderUnavailable',
      ambiguous: false,
    });
  }
  expect(simulator.secretsOf(id)).toEqual(secrets);
});

test('who gives up waiting for a token does not take it from the others', async () => {
  const { simulator, provider, signal } = await startBench();
  const { clientID } = simulator.addApplication();
  const { promise: until, resolve: goOn } = Promise.withResolvers<void>();
  simulator.faults.arm({ server: 'auth' }, { kind: 'hold', when: 'before', until });
  const giving = new AbortController();
  const givenUp = rejection(provider.read(clientID, giving.signal));
  const read = provider.read(clientID, signal);
  await expect.poll(() => tokenRequests(simulator)).toBe(1);
  giving.abort();
  expect(await givenUp).toMatchObject({ reason: 'ProviderUnavailable', ambiguous: false });
  goOn();
  await read;
  expect(tokenRequests(simulator)).toBe(1);
});
