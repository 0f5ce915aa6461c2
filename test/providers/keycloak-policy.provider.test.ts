import { afterAll, describe, expect, onTestFinished, test } from 'vitest';
import type { SecretValue } from '../../src/api/secret-value.ts';
import { objectsAt } from '../../src/kubernetes/json.ts';
import { createProvider } from '../../src/providers/registry.ts';
import { leastRoles, type RotationPolicy } from '../keycloak/admin.ts';
import { keycloak } from '../keycloak/shared.ts';
import {
  currentOf,
  errorOf,
  keycloakConfig,
  openProvider,
  signal,
  startProxy,
} from './keycloak-fixtures.ts';

const realm = await keycloak.createRealm();
const hour: RotationPolicy = { rotatedExpirationSeconds: 3600 };
await keycloak.setPolicies(realm, [hour]);
const operator = await keycloak.createOperator(realm);
const config = keycloakConfig(realm, operator);
const provider = createProvider(config);
afterAll(() => provider.close());

const discard = { retainUntil: undefined, transaction: 'shop/web#2' };
const retain = () => ({ retainUntil: Date.now() + 600_000, transaction: 'shop/web#2' });

/** A new client and its secret. */
async function newClient(): Promise<{ clientID: string; secret: SecretValue }> {
  const clientID = await keycloak.createClient(realm);
  return { clientID, secret: currentOf(await provider.read(clientID, signal())) };
}

function status(clientID: string, secret: SecretValue): Promise<number> {
  return keycloak.tokenStatus(realm, clientID, secret);
}

describe("the realm's policy", () => {
  test('is needed to retain a secret: without it nothing is rotated', async () => {
    const { clientID, secret } = await newClient();
    await keycloak.setPolicies(realm, [{ ...hour, change: { enabled: false } }]);
    onTestFinished(() => keycloak.setPolicies(realm, [hour]));
    const error = await errorOf(provider.rotate(clientID, retain(), signal()));
    expect(error).toMatchObject({ reason: 'RotationPolicyMissing', ambiguous: false });
    expect(error.message).toBe(
      'Keycloak might not retain the old client secret: no enabled client policy of the realm ' +
        'with the executor secret-rotation applies to the client. Add such a policy to the realm, ' +
        'or set keycloak.managePolicy of the provider to true, or ' +
        'spec.rotation.retainPreviousFor to 0s.',
    );
    expect(currentOf(await provider.read(clientID, signal())).equals(secret)).toBe(true);

    // To replace it without retaining it needs none.
    const second = await provider.rotate(clientID, discard, signal());
    expect(await status(clientID, secret)).toBe(401);
    if (second !== undefined) expect(await status(clientID, second)).toBe(200);
  });

  test('that goes at the moment of the rotation is noticed, and the error says it', async () => {
    const { clientID, secret } = await newClient();
    const proxy = await startProxy();
    const proxied = openProvider({ ...config, url: proxy.url });
    onTestFinished(() => keycloak.setPolicies(realm, [hour]));
    proxy.disturbNext(
      ({ method, path }) => method === 'POST' && path.endsWith('/client-secret'),
      () => keycloak.setPolicies(realm, []),
    );
    expect(await errorOf(proxied.rotate(clientID, retain(), signal()))).toMatchObject({
      reason: 'RotationPolicyMissing',
      message: 'rotating the client secret: Keycloak did not retain the old one, which has ended',
      ambiguous: true,
    });
    expect(await status(clientID, secret)).toBe(401);
  });

  const condition = (name: string, configuration = {}) => ({ condition: name, configuration });
  const attributes = JSON.stringify([{ key: 'team', value: 'web' }]);
  test.each<[string, readonly RotationPolicy[]]>([
    ['the last one decides', [hour, { rotatedExpirationSeconds: 0 }]],
    ['the last one decides, for it', [{ rotatedExpirationSeconds: 0 }, hour]],
    [
      'not for public ones',
      [
        {
          conditions: [
            condition('client-access-type', {
              type: ['public'],
              'is-negative-logic': true,
            }),
          ],
        },
      ],
    ],
    ['by protocol', [{ conditions: [condition('client-type', { protocol: 'openid-connect' })] }]],
    ['by attribute', [{ conditions: [condition('client-attributes', { attributes })] }]],
    [
      'by another attribute',
      [
        {
          conditions: [
            condition('client-attributes', { attributes: attributes.replace('web', 'shop') }),
          ],
        },
      ],
    ],
    ['by role', [{ conditions: [condition('client-roles', { roles: ['x', 'rotated'] })] }]],
    ['by another role', [{ conditions: [condition('client-roles', { roles: ['x'] })] }]],
    [
      'beside conditions on requests',
      [
        {
          conditions: [
            condition('any-client'),
            condition('grant-type', { grant_types: ['password'] }),
            condition('client-scopes', { scopes: ['offline_access'], type: 'Any' }),
            condition('identity-provider-alias', { identity_provider_aliases: ['x'] }),
            condition('acr-condition', { 'acr-property': 'x' }),
          ],
        },
      ],
    ],
    [
      'conditions on requests alone',
      [{ conditions: [condition('grant-type', { grant_types: ['password'] })] }],
    ],
    [
      'strict',
      [
        {
          change: { mode: 'STRICT' },
          conditions: [
            condition('any-client'),
            condition('grant-type', { grant_types: ['password'] }),
          ],
        },
      ],
    ],
  ])('is judged as Keycloak applies it: %s', async (_name, policies) => {
    const clientID = await keycloak.createClient(realm, { attributes: { team: 'web' } });
    const { id } = await keycloak.client(realm, clientID);
    await keycloak.call('POST', `/${realm}/clients/${id}/roles`, { name: 'rotated' });
    await keycloak.setPolicies(realm, policies);
    onTestFinished(() => keycloak.setPolicies(realm, [hour]));
    const judged = await provider.rotate(clientID, retain(), signal()).then(
      () => 'retained',
      (error: unknown) => (error instanceof Error && 'reason' in error ? error.reason : error),
    );

    await provider.revokePrevious(clientID, 'x', signal());
    await keycloak.rotateByHand(realm, clientID);
    const { previous } = await provider.read(clientID, signal());
    expect(judged).toBe(previous === undefined ? 'RotationPolicyMissing' : 'retained');
  });
});

describe('managePolicy', () => {
  const listed = async (name: string, resource: 'profiles' | 'policies') =>
    objectsAt(await keycloak.call('GET', `/${name}/client-policies/${resource}`), resource);

  test('adds a policy beside what is there, once', async () => {
    const ownRealm = await keycloak.createRealm();
    const others = [
      {
        name: 'for-public',
        conditions: [{ condition: 'any-client', configuration: {} }],
        change: { enabled: false, description: 'kept' },
      },
      {
        name: 'for-some',
        rotatedExpirationSeconds: 120,
        conditions: [{ condition: 'client-roles', configuration: { roles: ['short'] } }],
      },
    ];
    await keycloak.setPolicies(ownRealm, others);
    const before = [await listed(ownRealm, 'profiles'), await listed(ownRealm, 'policies')];
    const roles = [...leastRoles, 'manage-realm'];
    const credentials = await keycloak.createOperator(ownRealm, { roles });
    const managing = keycloakConfig(ownRealm, credentials, { managePolicy: true });
    const [one, two] = [openProvider(managing), openProvider(managing)];

    await Promise.all([one.check(signal()), two.check(signal())]);
    const added = [await listed(ownRealm, 'profiles'), await listed(ownRealm, 'policies')];
    expect(added.map(([ours]) => ours)).toMatchObject([{ name: 'keyturn' }, { name: 'keyturn' }]);
    expect(added.map(([, ...rest]) => rest)).toEqual(before);
    // What is certain for any client: the shorter one might apply.
    expect(one.capabilities.longestOverlapMs).toBe(120_000);

    const clientID = await keycloak.createClient(ownRealm);
    const secret = currentOf(await one.read(clientID, signal()));
    await one.rotate(clientID, retain(), signal());
    const { previous } = await one.read(clientID, signal());
    expect(previous?.value?.equals(secret)).toBe(true);
    const days = ((previous?.expiresAt ?? 0) - Date.now()) / 86_400_000;
    expect(days).toBeGreaterThan(29.9);
    expect(days).toBeLessThanOrEqual(30);
    expect([await listed(ownRealm, 'profiles'), await listed(ownRealm, 'policies')]).toEqual(added);

    // A policy of the realm's own for the client has the last word.
    const { id } = await keycloak.client(ownRealm, clientID);
    await keycloak.call('POST', `/${ownRealm}/clients/${id}/roles`, { name: 'short' });
    await one.revokePrevious(clientID, 'x', signal());
    await one.rotate(clientID, retain(), signal());
    const expiresAt = (await one.read(clientID, signal())).previous?.expiresAt ?? 0;
    expect(expiresAt).toBeLessThanOrEqual(Date.now() + 120_000);
  });

  test('leaves a policy of the same name as it is, and what is wrong with it to its author', async () => {
    const ownRealm = await keycloak.createRealm();
    await keycloak.setPolicies(ownRealm, [{ name: 'keyturn', expirationSeconds: 86_400 * 90 }]);
    const before = [await listed(ownRealm, 'profiles'), await listed(ownRealm, 'policies')];
    const roles = [...leastRoles, 'manage-realm'];
    const credentials = await keycloak.createOperator(ownRealm, { roles });
    const managing = openProvider(keycloakConfig(ownRealm, credentials, { managePolicy: true }));
    const clientID = await keycloak.createClient(ownRealm);
    const error = await errorOf(managing.rotate(clientID, retain(), signal()));
    expect(error.reason).toBe('RotationPolicyMissing');
    expect(error.message).toContain('the client policy "keyturn" ends current secrets too');
    expect([await listed(ownRealm, 'profiles'), await listed(ownRealm, 'policies')]).toEqual(
      before,
    );
  });

  test('needs a role more', async () => {
    const ownRealm = await keycloak.createRealm();
    const credentials = await keycloak.createOperator(ownRealm);
    const managing = openProvider(keycloakConfig(ownRealm, credentials, { managePolicy: true }));
    expect(await errorOf(managing.check(signal()))).toMatchObject({
      reason: 'ProviderForbidden',
      message: expect.stringContaining('lacks the role manage-realm'),
    });
  });

  test('notices that somebody else replaced the list meanwhile', async () => {
    const ownRealm = await keycloak.createRealm();
    const roles = [...leastRoles, 'manage-realm'];
    const credentials = await keycloak.createOperator(ownRealm, { roles });
    const proxy = await startProxy();
    const managing = openProvider(
      keycloakConfig(ownRealm, credentials, { managePolicy: true, url: proxy.url }),
    );
    // After our policy was added, before it is read back.
    let reads = 0;
    proxy.disturbNext(
      ({ method, path }) =>
        method === 'GET' && path.endsWith('/client-policies/policies') && ++reads === 2,
      () =>
        keycloak.setPolicies(ownRealm, [
          {
            name: 'theirs',
            rotatedExpirationSeconds: 60,
            conditions: [{ condition: 'acr-condition', configuration: {} }],
          },
        ]),
    );
    await managing.check(signal());
    const names = (await listed(ownRealm, 'policies')).map(({ name }) => name);
    expect(names).toEqual(['keyturn', 'theirs']);
    expect(managing.capabilities.longestOverlapMs).toBe(2_592_000_000);
  });
});
