import { afterAll, describe, expect, test } from 'vitest';
import type { SecretValue } from '../../src/api/secret-value.ts';
import { createProvider } from '../../src/providers/registry.ts';
import type { RotationPolicy } from '../keycloak/admin.ts';
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

describe('the slot', () => {
  test('that is taken is not overwritten, except by a rotation that retains nothing', async () => {
    const { clientID, secret } = await newClient();
    const second = await provider.rotate(clientID, retain(), signal());
    const error = await errorOf(provider.rotate(clientID, retain(), signal()));
    expect(error).toMatchObject({
      reason: 'ProviderRejected',
      ambiguous: false,
      message: 'a previous client secret is still retained, and Keycloak keeps only one',
    });
    expect(await status(clientID, secret)).toBe(200);

    const third = await provider.rotate(clientID, discard, signal());
    expect(third).toBeDefined();
    expect(await provider.read(clientID, signal())).toEqual({
      current: third,
      previous: undefined,
    });
    if (second !== undefined) expect(await status(clientID, second)).toBe(401);
    expect(await status(clientID, secret)).toBe(401);
  });
});

describe('a request or an answer that is lost', () => {
  const isRotation = ({ method, path }: { method: string; path: string }) =>
    method === 'POST' && path.endsWith('/client-secret');

  test.each(['cut-before', 'cut-after'] as const)(
    'is ambiguous for a rotation, which is not tried again: %s',
    async (fault) => {
      const { clientID, secret } = await newClient();
      const proxy = await startProxy();
      const proxied = openProvider({ ...config, url: proxy.url });
      proxy.disturbNext(isRotation, fault);
      expect(await errorOf(proxied.rotate(clientID, retain(), signal()))).toMatchObject({
        reason: 'ProviderUnavailable',
        message: 'rotating the client secret: the connection was lost',
        ambiguous: true,
      });
      const rotations = proxy.passed.filter(isRotation);
      expect(rotations).toHaveLength(fault === 'cut-after' ? 1 : 0);

      // Reading tells which it was, and that the consumers' secret is retained.
      const { current, previous } = await proxied.read(clientID, signal());
      const survivor = fault === 'cut-after' ? previous?.value : current;
      expect(survivor?.equals(secret)).toBe(true);
      expect(await status(clientID, secret)).toBe(200);
    },
  );

  test('is ambiguous also after the rotation itself', async () => {
    const proxy = await startProxy();
    const proxied = openProvider({ ...config, url: proxy.url });
    const { clientID } = await newClient();
    let reads = 0;
    proxy.disturbNext(
      ({ path }) => path.includes('/clients?clientId=') && ++reads === 2,
      'cut-after',
    );
    expect(await errorOf(proxied.rotate(clientID, retain(), signal()))).toMatchObject({
      message: 'reading the client: the connection was lost',
      ambiguous: true,
    });
    expect((await proxied.read(clientID, signal())).previous).toBeDefined();
  });

  test('is not ambiguous before it', async () => {
    const proxy = await startProxy();
    const proxied = openProvider({ ...config, url: proxy.url });
    const { clientID } = await newClient();
    for (const part of ['/token', '/clients?clientId=', '/client-policies/profiles']) {
      proxy.disturbNext(({ path }) => path.includes(part), 'cut-after');
      const error = await errorOf(proxied.rotate(clientID, retain(), signal()));
      expect(error).toMatchObject({ reason: 'ProviderUnavailable', ambiguous: false });
    }
    expect(proxy.passed.filter(isRotation)).toHaveLength(0);
  });

  test('of a revocation shows by reading', async () => {
    const proxy = await startProxy();
    const proxied = openProvider({ ...config, url: proxy.url });
    const { clientID } = await newClient();
    await proxied.rotate(clientID, retain(), signal());
    const isRevocation = ({ method }: { method: string }) => method === 'DELETE';
    for (const [fault, left] of [
      ['cut-before', true],
      ['cut-after', false],
    ] as const) {
      proxy.disturbNext(isRevocation, fault);
      const error = await errorOf(proxied.revokePrevious(clientID, 'x', signal()));
      expect(error.reason).toBe('ProviderUnavailable');
      expect((await proxied.read(clientID, signal())).previous !== undefined).toBe(left);
    }
  });
});

test('a rotation by somebody else at the same moment is noticed', async () => {
  const proxy = await startProxy();
  const proxied = openProvider({ ...config, url: proxy.url });
  const { clientID } = await newClient();
  let reads = 0;
  proxy.disturbNext(
    ({ path }) => path.includes('/clients?clientId=') && ++reads === 2,
    () => keycloak.rotateByHand(realm, clientID),
  );
  expect(await errorOf(proxied.rotate(clientID, retain(), signal()))).toMatchObject({
    reason: 'ProviderUnavailable',
    message: 'rotating the client secret: somebody else replaced it at the same time',
    ambiguous: true,
  });
});

test('what changes something carries the name of the transaction', async () => {
  const proxy = await startProxy();
  const proxied = openProvider({ ...config, url: proxy.url });
  const { clientID } = await newClient();
  await proxied.rotate(
    clientID,
    { ...retain(), transaction: `shop/wéb#2 ${'x'.repeat(200)}` },
    signal(),
  );
  await proxied.revokePrevious(clientID, 'shop/web#2-revoke', signal());
  const named = proxy.passed
    .filter(({ headers }) => headers['x-request-id'] !== undefined)
    .map(({ method, headers }) => [method, headers['x-request-id']]);
  expect(named).toEqual([
    ['POST', `shop/wb#2${'x'.repeat(91)}`],
    ['DELETE', 'shop/web#2-revoke'],
  ]);
});
