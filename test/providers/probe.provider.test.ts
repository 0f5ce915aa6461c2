import { afterAll, expect, test } from 'vitest';
import { SecretValue } from '../../src/api/secret-value.ts';
import { createHttpClient } from '../../src/providers/http.ts';
import { createProbe } from '../../src/providers/probe.ts';
import { createProvider } from '../../src/providers/registry.ts';
import { keycloak } from '../keycloak/shared.ts';
import { currentOf, keycloakConfig, signal } from './keycloak-fixtures.ts';

const realm = await keycloak.createRealm();
await keycloak.setPolicies(realm, [{ rotatedExpirationSeconds: 3600 }]);
const config = keycloakConfig(realm, await keycloak.createOperator(realm));
const provider = createProvider(config);
const http = createHttpClient(config);
const probe = createProbe({ issuer: `${keycloak.url}/realms/${realm}`, http });
afterAll(async () => {
  await provider.close();
  await http.close();
});

const retain = () => ({ retainUntil: Date.now() + 600_000, transaction: 'x' });

test.each([
  ['a service account', { serviceAccountsEnabled: true, standardFlowEnabled: false }],
  ['the standard flow', { serviceAccountsEnabled: false, standardFlowEnabled: true }],
  ['both', { serviceAccountsEnabled: true, standardFlowEnabled: true }],
  ['neither', { serviceAccountsEnabled: false, standardFlowEnabled: false }],
])('follows the secrets of a client with %s', async (_name, changes) => {
  const clientID = await keycloak.createClient(realm, changes);
  const old = currentOf(await provider.read(clientID, signal()));
  const results = async (current: SecretValue) => {
    const madeUp = SecretValue.fromText('never issued');
    const answers = await Promise.all(
      [old, current, madeUp].map((candidate) =>
        probe.test({ clientID, candidate, reference: current }, signal()),
      ),
    );
    return answers.map(({ result }) => result);
  };
  expect(await results(old)).toEqual(['accepted', 'accepted', 'rejected']);

  await provider.rotate(clientID, retain(), signal());
  const current = currentOf(await provider.read(clientID, signal()));
  expect(await results(current)).toEqual(['accepted', 'accepted', 'rejected']);

  await provider.revokePrevious(clientID, 'x', signal());
  expect(await results(current)).toEqual(['rejected', 'accepted', 'rejected']);
});

test('accepts a new secret where there is no other one to compare it with', async () => {
  const clientID = await keycloak.createClient(realm);
  await provider.rotate(clientID, { ...retain(), retainUntil: undefined }, signal());
  const candidate = currentOf(await provider.read(clientID, signal()));
  const subject = { clientID, candidate, reference: undefined };
  expect(await probe.test(subject, signal())).toEqual({ result: 'accepted' });
});

test('tells nothing of a client that does not exist', async () => {
  const candidate = SecretValue.fromText('a secret');
  const subject = { clientID: 'no-such-client', candidate, reference: candidate };
  expect((await probe.test(subject, signal())).result).toBe('unknown');
});
