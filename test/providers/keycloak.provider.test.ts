import { afterAll, describe, expect, test } from 'vitest';
import { createProvider } from '../../src/providers/registry.ts';
import { keycloak } from '../keycloak/shared.ts';
import { freePort } from '../testbed/ports.ts';
import {
  currentOf,
  errorOf,
  keycloakConfig,
  openProvider,
  signal,
  startProxy,
} from './keycloak-fixtures.ts';

const realm = await keycloak.createRealm();
await keycloak.setPolicies(realm, [{ rotatedExpirationSeconds: 3600 }]);
const operator = await keycloak.createOperator(realm);
const config = keycloakConfig(realm, operator);
// Else Keycloak makes an RSA key for it, which takes a minute on a busy machine.
const unsigned = { 'saml.client.signature': 'false' };
// What Keycloak replaces by a value of its vault.
const vaultReference = '$' + '{vault.web}';
const inAnHour = () => Date.now() + 3_600_000;

describe('the check', () => {
  test('finds the issuer and how long secrets are retained', async () => {
    const provider = openProvider(config);
    expect(provider.capabilities).toMatchObject({ overlap: 'slot', longestOverlapMs: undefined });
    expect(await provider.check(signal())).toEqual({ issuer: `${keycloak.url}/realms/${realm}` });
    expect(provider.capabilities.longestOverlapMs).toBe(3_600_000);
  });

  test('names the role that is missing', async () => {
    for (const [roles, missing] of [
      [[], 'manage-clients'],
      [['query-clients', 'view-realm'], 'manage-clients'],
      [['view-clients', 'view-realm'], 'manage-clients'],
      [['manage-clients'], 'view-realm'],
    ] as const) {
      const weak = await keycloak.createOperator(realm, { roles });
      const error = await errorOf(openProvider(keycloakConfig(realm, weak)).check(signal()));
      expect(error.reason).toBe('ProviderForbidden');
      expect(error.message).toMatch(
        new RegExp(`the operator's service account lacks the role ${missing}$`),
      );
    }
  });

  test('tells wrong credentials, and does not quote them', async () => {
    const other = await keycloak.createOperator(realm);
    const wrong = { clientID: operator.clientID, clientSecret: other.clientSecret };
    const error = await errorOf(openProvider(keycloakConfig(realm, wrong)).check(signal()));
    expect(error).toMatchObject({
      reason: 'ProviderUnauthorized',
      message: "getting the operator's access token: status 401 unauthorized_client",
    });
  });

  test('tells a realm that does not exist, and a server that is not there', async () => {
    const nowhere = openProvider({ ...config, realm: 'no-such-realm' });
    expect(await errorOf(nowhere.check(signal()))).toMatchObject({
      reason: 'ProviderRejected',
      message: "reading the realm's discovery document: status 404",
    });
    const gone = openProvider({ ...config, url: `http://127.0.0.1:${await freePort()}` });
    expect(await errorOf(gone.check(signal()))).toMatchObject({
      reason: 'ProviderUnavailable',
      ambiguous: false,
    });
  });
});

describe('reading', () => {
  const provider = createProvider(config);
  afterAll(() => provider.close());

  test('finds the current secret, and the previous one with its expiry', async () => {
    const clientID = await keycloak.createClient(realm);
    const { whole } = await keycloak.client(realm, clientID);
    const before = await provider.read(clientID, signal());
    expect(currentOf(before).revealText()).toBe(whole['secret']);
    expect(before.previous).toBeUndefined();

    const earliest = Math.floor(Date.now() / 1000) * 1000 + 3_600_000;
    await keycloak.rotateByHand(realm, clientID);
    const after = await provider.read(clientID, signal());
    expect(currentOf(after).equals(currentOf(before))).toBe(false);
    expect(after.previous?.value?.equals(currentOf(before))).toBe(true);
    expect(after.previous?.lastUsedAt).toBeUndefined();
    expect(after.previous?.expiresAt).toBeGreaterThanOrEqual(earliest);
    expect(after.previous?.expiresAt).toBeLessThanOrEqual(Date.now() + 3_600_000);
  });

  test('tells clients that are not there, and does not take similar ones', async () => {
    const clientID = await keycloak.createClient(realm);
    for (const similar of [clientID.slice(0, -1), clientID.toUpperCase(), `${clientID}&max=1`]) {
      const error = await errorOf(provider.read(similar, signal()));
      expect(error.reason).toBe('ClientNotFound');
    }
  });

  test('takes any client ID literally', async () => {
    const clientId = 'https://shop.example/?a=b&c=d#e%20f +ü';
    await keycloak.createClient(realm, { clientId });
    expect(currentOf(await provider.read(clientId, signal())).isEmpty).toBe(false);
  });

  test.each([
    ['SAML', { protocol: 'saml', attributes: unsigned }, 'NotOIDCApplication'],
    ['public', { publicClient: true, serviceAccountsEnabled: false }, 'NotConfidentialClient'],
    ['bearer-only', { bearerOnly: true, serviceAccountsEnabled: false }, 'NotConfidentialClient'],
    ['signed JWT', { clientAuthenticatorType: 'client-jwt' }, 'NotConfidentialClient'],
    ['vault', { secret: vaultReference }, 'ProviderRejected'],
  ])('refuses what has no client secret to rotate: %s', async (_name, changes, reason) => {
    const clientID = await keycloak.createClient(realm, changes);
    const retain = { retainUntil: inAnHour(), transaction: 'x' };
    for (const call of [
      () => provider.read(clientID, signal()),
      () => provider.rotate(clientID, retain, signal()),
      () => provider.revokePrevious(clientID, 'x', signal()),
    ]) {
      expect((await errorOf(call())).reason).toBe(reason);
    }
  });

  test("refuses the operator's own client, but not its namesake in another realm", async () => {
    const { clientID } = operator;
    const discard = { retainUntil: undefined, transaction: 'x' };
    for (const call of [
      () => provider.read(clientID, signal()),
      () => provider.rotate(clientID, discard, signal()),
      () => provider.revokePrevious(clientID, 'x', signal()),
    ]) {
      expect((await errorOf(call())).reason).toBe('OwnClient');
    }
    const foreign = await keycloak.createOperator('master', {
      managementClient: `${realm}-realm`,
    });
    await keycloak.createClient(realm, { clientId: foreign.clientID });
    const crossing = openProvider(keycloakConfig(realm, foreign, { authRealm: 'master' }));
    expect((await crossing.check(signal())).issuer).toBe(`${keycloak.url}/realms/${realm}`);
    expect(currentOf(await crossing.read(foreign.clientID, signal())).isEmpty).toBe(false);
  });

  test('gives no secret away that the operator may only view', async () => {
    const roles = ['view-clients', 'view-realm'];
    const viewer = openProvider(
      keycloakConfig(realm, await keycloak.createOperator(realm, { roles })),
    );
    const clientID = await keycloak.createClient(realm);
    expect((await errorOf(viewer.read(clientID, signal()))).reason).toBe('ProviderForbidden');
  });
});

describe('the access token', () => {
  test('is requested once, and again only after it was refused', async () => {
    const ownRealm = await keycloak.createRealm();
    const credentials = await keycloak.createOperator(ownRealm);
    const proxy = await startProxy();
    const provider = openProvider(keycloakConfig(ownRealm, credentials, { url: proxy.url }));
    const clientID = await keycloak.createClient(ownRealm);
    const tokens = () => proxy.passed.filter(({ path }) => path.endsWith('/token')).length;

    const readings = Array.from({ length: 5 }, () => provider.read(clientID, signal()));
    await Promise.all(readings);
    expect(tokens()).toBe(1);

    // From the next second on, what was issued before this one is refused.
    const notBefore = Math.floor(Date.now() / 1000) + 1;
    await keycloak.call('PUT', `/${ownRealm}`, { notBefore });
    await expect.poll(() => Date.now() / 1000, { timeout: 5_000 }).toBeGreaterThan(notBefore);
    await Promise.all([provider.read(clientID, signal()), provider.read(clientID, signal())]);
    expect(tokens()).toBe(2);
  });

  test('that cannot be had any more ends in ProviderUnauthorized', async () => {
    const ownRealm = await keycloak.createRealm();
    const credentials = await keycloak.createOperator(ownRealm);
    const provider = openProvider(keycloakConfig(ownRealm, credentials));
    const clientID = await keycloak.createClient(ownRealm);
    await provider.read(clientID, signal());
    const { id } = await keycloak.client(ownRealm, credentials.clientID);
    await keycloak.call('DELETE', `/${ownRealm}/clients/${id}`);
    expect((await errorOf(provider.read(clientID, signal()))).reason).toBe('ProviderUnauthorized');
  });
});
