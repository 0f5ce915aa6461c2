import { expect, test } from 'vitest';
import { keycloak } from '../keycloak/shared.ts';
import { ProviderRig } from './provider-rig.ts';

async function realmWithOperator(roles?: readonly string[]) {
  const realm = await keycloak.createRealm();
  const { clientID, clientSecret } = await keycloak.createOperator(realm, roles && { roles });
  const values = { 'client-id': clientID, 'client-secret': clientSecret.revealText() };
  const spec = {
    insecure: true,
    keycloak: { url: keycloak.url, realm },
    credentialsSecretRef: { name: 'credentials' },
  };
  return { realm, values, spec };
}

const { signal } = new AbortController();

test('a realm is ready with the least roles; its policy shows in the capabilities', async () => {
  const { realm, values, spec } = await realmWithOperator();
  const rig = await ProviderRig.start();
  await rig.setSecret('credentials', values);
  const provider = await rig.create('OIDCProvider', 'keycloak', spec);
  const without = await rig.settles(provider, 'True', 'Checked');
  expect(without.status).toMatchObject({
    type: 'Keycloak',
    issuer: `${keycloak.url}/realms/${realm}`,
    capabilities: { maxSecrets: 2, readable: 'all', previousExpiry: 'policy', revoke: 'one' },
  });
  expect(without.status.capabilities).not.toHaveProperty('longestRetention');
  expect(without.status.conditions?.[0]?.message).toContain('No policy there is sure to retain');

  await keycloak.setPolicies(realm, [{ rotatedExpirationSeconds: 7200 }]);
  rig.clock.advance(12 * 60_000);
  await expect
    .poll(async () => (await rig.read(provider)).status.capabilities?.longestRetention, {
      timeout: 30_000,
    })
    .toBe('2h');
  const clientID = await keycloak.createClient(realm);
  const access = await rig.access(provider, clientID);
  if (access.kind !== 'granted') throw new Error(access.reason);
  expect((await access.provider.read(clientID, signal)).previous).toBeUndefined();
  expect(access.provider.backend).toBe(`keycloak ${keycloak.url} ${realm}`);
});

test("credentials without the role are refused by the role's name", async () => {
  const { values, spec } = await realmWithOperator(['view-realm']);
  const rig = await ProviderRig.start();
  await rig.setSecret('credentials', values);
  const provider = await rig.create('OIDCProvider', 'keycloak', spec);
  const { status } = await rig.settles(provider, 'False', 'ProviderForbidden');
  expect(status.conditions?.[0]?.message).toContain('manage-clients');
});

test("the operator's own client is denied; wrong credentials are told as such", async () => {
  const { values, spec } = await realmWithOperator();
  const rig = await ProviderRig.start();
  await rig.setSecret('credentials', values);
  const provider = await rig.create('OIDCProvider', 'keycloak', spec);
  await rig.settles(provider, 'True', 'Checked');
  expect(await rig.access(provider, values['client-id'])).toMatchObject({ reason: 'OwnClient' });
  await rig.setSecret('credentials', { ...values, 'client-secret': 'wrong' });
  await rig.settles(provider, 'False', 'ProviderUnauthorized');
  await rig.setSecret('credentials', values);
  await rig.settles(provider, 'True', 'Checked');
});
