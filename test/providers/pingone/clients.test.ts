import { expect, test } from 'vitest';
import { DAY_MS, rejection, startBench, TRANSACTION } from './harness.ts';

const HOUR_MS = 60 * 60 * 1000;

test('an imported application is found by its client ID, page by page', async () => {
  const { simulator, provider, signal, secretCalls } = await startBench({ pageSize: 3 });
  for (let count = 0; count < 7; count++) simulator.addApplication();
  const { id } = simulator.addApplication({ clientId: 'legacy shop' });

  const { current } = await provider.read('legacy shop', signal);

  expect(current?.revealText()).toBe(simulator.secretsOf(id).current);
  expect(secretCalls()).toEqual(['GET']);
  const pages = simulator.requests.filter(({ path }) => /\/applications(?:\?|$)/.test(path));
  expect(pages).toHaveLength(4);
});

test('a client ID that nobody has is not found, after all pages', async () => {
  const { simulator, provider, signal } = await startBench({ pageSize: 2 });
  for (let count = 0; count < 5; count++) simulator.addApplication();
  expect(await rejection(provider.read('nobody', signal))).toMatchObject({
    reason: 'ClientNotFound',
  });
});

test('a client has one name: the ID of an imported application is none', async () => {
  const { simulator, provider, signal, secretCalls } = await startBench();
  const { id } = simulator.addApplication({ clientId: 'legacy' });
  const error = await rejection(provider.read(id, signal));
  expect(error.reason).toBe('ClientNotFound');
  expect(error.message).toContain('client ID is another one');
  expect(error.message).not.toContain('legacy');
  const upperCase = simulator.addApplication().clientID.toUpperCase();
  expect((await rejection(provider.read(upperCase, signal))).reason).toBe('ClientNotFound');
  expect(secretCalls()).toEqual([]);
});

test("the operator's own client is refused by whatever name", async () => {
  const { simulator, provider, signal, secretCalls } = await startBench();
  const { clientID } = simulator.worker;
  expect((await rejection(provider.read(clientID, signal))).reason).toBe('OwnClient');
  expect(simulator.requests).toEqual([]);
  expect(secretCalls()).toEqual([]);
});

test('the worker may live in another environment', async () => {
  const { simulator, provider, signal, rotate } = await startBench({
    separateWorkerEnvironment: true,
  });
  const { id, clientID } = simulator.addApplication();
  await rotate(clientID, DAY_MS);
  await provider.revokePrevious(clientID, TRANSACTION, signal);
  expect(simulator.secretsOf(id).previous).toBeUndefined();
});

test('links to further pages are followed for their query alone', async () => {
  const linkBase = 'https://attacker.example';
  const { simulator, provider, signal } = await startBench({ pageSize: 1, linkBase });
  simulator.addApplication();
  const { id } = simulator.addApplication({ clientId: 'legacy' });
  const { current } = await provider.read('legacy', signal);
  expect(current?.revealText()).toBe(simulator.secretsOf(id).current);
});

test.each([
  ['a link in a circle', '/v1/environments/ENV/applications?cursor=again', 2],
  ['a link elsewhere', '/v1/environments/other/applications?cursor=1', 1],
  ['a link without a query', '/v1/environments/ENV/applications', 1],
  ['a link that is no URL', 'nowhere', 1],
])('%s ends the search', async (_name, href, times) => {
  const { simulator, provider, signal } = await startBench();
  const path = href.replace('ENV', simulator.environmentID);
  const next = { href: path === 'nowhere' ? path : `${simulator.apiURL}${path}` };
  const body = JSON.stringify({ _embedded: { applications: [] }, _links: { next } });
  const fault = { kind: 'answer', when: 'before', status: 200, body } as const;
  simulator.faults.arm({ path: /\/applications/ }, fault, times);
  const error = await rejection(provider.read('legacy', signal));
  expect(error).toMatchObject({
    reason: 'ProviderUnavailable',
    message: 'listing the applications: the answer is malformed',
  });
  expect(simulator.faults.pending).toBe(0);
});

test('a re-read costs one GET, and the client is looked at again within an hour', async () => {
  const { simulator, provider, signal, clock } = await startBench({ tokenLifetimeSeconds: 7200 });
  const { id, clientID } = simulator.addApplication({ clientId: 'legacy' });
  await provider.read(clientID, signal);
  const { length } = simulator.requests;
  await provider.read(clientID, signal);
  expect(simulator.requests.slice(length).map(({ path }) => path)).toEqual([
    expect.stringContaining(`${id}/secret`),
  ]);
  clock.advance(HOUR_MS);
  await provider.read(clientID, signal);
  expect(simulator.requests.slice(length + 1).map(({ path }) => path)).toEqual([
    expect.stringMatching(new RegExp(`/applications/${id}$`)),
    expect.stringContaining(`${id}/secret`),
  ]);
});

test('an application that was made anew under the same client ID is found again', async () => {
  const { simulator, provider, signal } = await startBench();
  const first = simulator.addApplication({ clientId: 'legacy' });
  await provider.read('legacy', signal);
  simulator.removeApplication(first.id);
  expect((await rejection(provider.read('legacy', signal))).reason).toBe('ClientNotFound');
  const second = simulator.addApplication({ clientId: 'legacy' });
  const { current } = await provider.read('legacy', signal);
  expect(current?.revealText()).toBe(simulator.secretsOf(second.id).current);
});

test('what stood in the way is forgotten: a client put right is managed at once', async () => {
  const { simulator, provider, signal } = await startBench();
  const wrong = simulator.addApplication({ clientId: 'shop', tokenEndpointAuthMethod: 'NONE' });
  const refused = await rejection(provider.read('shop', signal));
  expect(refused.reason).toBe('NotConfidentialClient');
  simulator.removeApplication(wrong.id);
  simulator.addApplication({ clientId: 'shop' });
  await provider.read('shop', signal);
});

test('a client is looked at before each rotation', async () => {
  const { simulator, provider, signal, rotate, secretCalls } = await startBench();
  const { id, clientID } = simulator.addApplication();
  await provider.read(clientID, signal);
  const body = JSON.stringify({
    id,
    protocol: 'OPENID_CONNECT',
    tokenEndpointAuthMethod: 'PRIVATE_KEY_JWT',
  });
  const fault = { kind: 'answer', when: 'before', status: 200, body } as const;
  simulator.faults.arm({ path: new RegExp(`/applications/${id}$`) }, fault);
  const error = await rejection(rotate(clientID));
  expect(error.reason).toBe('NotConfidentialClient');
  expect(error.message).toContain('by a private key');
  expect(secretCalls()).toEqual(['GET']);
});

test('a client that becomes a public one is noticed within an hour', async () => {
  const { simulator, provider, signal, clock } = await startBench();
  const { id, clientID } = simulator.addApplication();
  await provider.read(clientID, signal);
  const body = JSON.stringify({
    id,
    protocol: 'OPENID_CONNECT',
    type: 'SINGLE_PAGE_APP',
    tokenEndpointAuthMethod: 'NONE',
  });
  const fault = { kind: 'answer', when: 'before', status: 200, body } as const;
  simulator.faults.arm({ path: new RegExp(`/applications/${id}$`) }, fault, 2);
  clock.advance(HOUR_MS);
  expect((await rejection(provider.read(clientID, signal))).reason).toBe('NotConfidentialClient');
  expect((await rejection(provider.read(clientID, signal))).reason).toBe('NotConfidentialClient');
});

test('an existing application whose secret is 404 is not taken for a missing one', async () => {
  const { simulator, provider, signal } = await startBench();
  const { clientID } = simulator.addApplication();
  const fault = { kind: 'answer', when: 'before', status: 404 } as const;
  simulator.faults.arm({ path: /\/secret$/ }, fault);
  expect(await rejection(provider.read(clientID, signal))).toMatchObject({
    reason: 'ProviderUnavailable',
    message: 'reading the client secret: status 404, although the application exists',
  });
});
