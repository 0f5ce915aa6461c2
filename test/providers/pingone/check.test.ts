import { expect, test } from 'vitest';
import { createHttpClient } from '../../../src/providers/http.ts';
import { createPingOneProvider } from '../../../src/providers/pingone/provider.ts';
import { createAuthority, issueServerCertificate } from '../../testbed/certificates.ts';
import { rejection, startBench } from './harness.ts';

test('a check finds the issuer', async () => {
  const { simulator, provider, signal } = await startBench();
  const { authURL, environmentID } = simulator;
  expect(await provider.check(signal)).toEqual({ issuer: `${authURL}/${environmentID}/as` });
});

test('a check tells that applications may not be read', async () => {
  const { simulator, provider, signal } = await startBench();
  simulator.deny('applications:read:application');
  const error = await rejection(provider.check(signal));
  expect(error.reason).toBe('ProviderForbidden');
  expect(error.message).toContain('applications:read:application');
});

test('a check tells that there is no such environment', async () => {
  const environmentID = '6e3c7e8e-35a1-4b0b-9a51-0ec4a6a3b0aa';
  const { provider, signal } = await startBench({}, { environmentID });
  const error = await rejection(provider.check(signal));
  expect(error.reason).toBe('ProviderRejected');
  expect(error.message).toMatch(/^listing the applications: status 404 NOT_FOUND/);
});

test.each([
  ['no JSON', 200, 'issuer', 'ProviderUnavailable'],
  ['no issuer', 200, '{}', 'ProviderUnavailable'],
  ['another scheme', 200, '{"issuer":"javascript:alert(1)"}', 'ProviderUnavailable'],
  ['white space', 200, '{"issuer":"https://a b"}', 'ProviderUnavailable'],
  ['a fault', 500, '', 'ProviderUnavailable'],
  ['a refusal', 403, '', 'ProviderRejected'],
])('a discovery document with %s is an error', async (_name, status, body, reason) => {
  const { simulator, provider, signal } = await startBench();
  const fault = { kind: 'answer', when: 'before', status, body } as const;
  simulator.faults.arm({ path: /openid-configuration/ }, fault);
  const error = await rejection(provider.check(signal));
  expect(error).toMatchObject({ reason, ambiguous: false });
  expect(error.message).toMatch(/^reading the discovery document: /);
});

test('it trusts the given certificate authority, and no other', async () => {
  const authority = createAuthority();
  const tls = issueServerCertificate(authority, ['127.0.0.1']);
  const trusting = await startBench({ tls }, { caBundle: authority.certificate });
  expect((await trusting.provider.check(trusting.signal)).issuer).toMatch(/^https:/);
  const wary = await startBench({ tls });
  expect(await rejection(wary.provider.check(wary.signal))).toMatchObject({
    reason: 'ProviderUnavailable',
    ambiguous: false,
  });
});

test('a closed provider sends nothing any more', async () => {
  const { simulator, config, signal } = await startBench();
  const provider = createPingOneProvider(config, createHttpClient(config));
  await provider.close();
  expect((await rejection(provider.check(signal))).reason).toBe('ProviderUnavailable');
  expect(simulator.requests).toEqual([]);
});
