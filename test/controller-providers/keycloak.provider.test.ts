import { expect, test } from 'vitest';
import type { OIDCApplicationSpec } from '../../src/api/oidcapplication.gen.ts';
import type { KeycloakProvider } from '../../src/api/oidcprovider.gen.ts';
import { SecretValue } from '../../src/api/secret-value.ts';
import { clientSecrets, conditionOf, MINUTE, Scene } from '../controller/harness.ts';
import { eventsUntil } from '../controller/observe.ts';
import { whenCondition, whenEnded } from '../controller/steps.ts';
import type { RotationPolicy } from '../keycloak/admin.ts';
import { keycloak } from '../keycloak/shared.ts';
import { createProvider } from './oidc-provider.ts';

/** An operator in a namespace of its own, and a realm with a client. */
class RealmStage {
  readonly scene: Scene;
  readonly realm: string;
  readonly clientID: string;

  private constructor(scene: Scene, realm: string, clientID: string) {
    this.scene = scene;
    this.realm = realm;
    this.clientID = clientID;
  }

  static async start(
    policies: readonly RotationPolicy[],
    changes: Partial<KeycloakProvider> = {},
  ): Promise<RealmStage> {
    const realm = await keycloak.createRealm();
    if (policies.length > 0) await keycloak.setPolicies(realm, policies);
    const operator = await keycloak.createOperator(realm, {
      roles: ['manage-clients', changes.managePolicy ? 'manage-realm' : 'view-realm'],
    });
    const scene = await Scene.start();
    await createProvider(
      scene.namespace,
      {
        insecure: true,
        keycloak: { url: keycloak.url, realm, ...changes },
        credentialsSecretRef: { name: 'credentials' },
        requestTimeout: '60s',
        requestsPerSecond: 100,
        resyncInterval: '1m',
      },
      {
        'client-id': operator.clientID,
        'client-secret': operator.clientSecret.revealText(),
      },
    );
    return new RealmStage(scene, realm, await keycloak.createClient(realm));
  }

  async publish(spec: OIDCApplicationSpec = {}): Promise<string> {
    await this.scene.create('web', {
      clientID: this.clientID,
      providerRef: { kind: 'OIDCProvider', name: 'pingone' },
      ...spec,
    });
    await this.scene.published('web', 1);
    return (await this.published()).current ?? '';
  }

  async rotate(): Promise<void> {
    const { status } = await this.scene.application('web');
    const version = status?.currentSecret?.version ?? 0;
    await this.scene.edit('web', { rotation: { rotateAfter: this.scene.time() } });
    await this.scene.published('web', version + 1);
  }

  async published() {
    return clientSecrets(await this.scene.findSecret('web'));
  }

  /** How the token endpoint answers who signs in with each. */
  async signIns(...secrets: readonly (string | undefined)[]): Promise<number[]> {
    const { realm, clientID } = this;
    return await Promise.all(
      secrets.map((secret = '') =>
        keycloak.tokenStatus(realm, clientID, SecretValue.fromText(secret)),
      ),
    );
  }
}

test('rotated: both work; revoked, expired: the new one alone', async () => {
  const stage = await RealmStage.start([{ rotatedExpirationSeconds: 3600 }]);
  const { scene } = stage;
  const first = await stage.publish({ rotation: { retainPreviousFor: '2h' } });
  expect(await stage.signIns(first)).toEqual([200]);

  await stage.rotate();
  const { current: second, previous } = await stage.published();
  expect(previous).toBe(first);
  expect(await stage.signIns(first, second)).toEqual([200, 200]);
  // The policy retains for an hour, whatever spec says beyond that.
  const { retiredAt, expiresAt } = (await scene.application('web')).status?.previousSecret ?? {};
  const retention = Date.parse(expiresAt ?? '') - Date.parse(retiredAt ?? '');
  expect(retention).toBeLessThanOrEqual(61 * MINUTE);

  await scene.edit('web', { revokePreviousSecret: true });
  const revoked = await whenEnded(scene, 'web', 'Requested');
  expect(revoked.status?.lastRevocation).toMatchObject({ version: 1, verified: 'Verified' });
  expect(await stage.signIns(first, second)).toEqual([401, 200]);

  await scene.edit('web', { revokePreviousSecret: false });
  await stage.rotate();
  const { current: third } = await stage.published();
  expect(await stage.signIns(second, third)).toEqual([200, 200]);
  // The operator's clock alone: it ends by the operator's doing what Keycloak would retain.
  scene.clock.advance(61 * MINUTE);
  const expired = await whenEnded(scene, 'web', 'Expired');
  expect(expired.status?.lastRevocation).toMatchObject({ version: 2, verified: 'Verified' });
  expect(await stage.signIns(second, third)).toEqual([401, 200]);
});

test('what the policy ends before the operator does is told to have expired', async () => {
  const stage = await RealmStage.start([{ rotatedExpirationSeconds: 3 }]);
  const first = await stage.publish();
  await stage.rotate();
  await whenEnded(stage.scene, 'web', 'Expired');
  const { current, previous } = await stage.published();
  expect(previous).toBeUndefined();
  expect(await stage.signIns(first, current)).toEqual([401, 200]);
});

test('without a policy: told what to do, nothing is rotated, and then it goes ahead', async () => {
  const stage = await RealmStage.start([]);
  const { scene } = stage;
  const first = await stage.publish();
  await scene.edit('web', { rotation: { rotateAfter: scene.time() } });
  const stalled = await whenCondition(scene, 'web', 'Stalled', { reason: 'RotationPolicyMissing' });
  expect(conditionOf(stalled, 'Stalled')?.message).toContain('managePolicy');
  expect((await stage.published()).current).toBe(first);
  expect(await stage.signIns(first)).toEqual([200]);

  await keycloak.setPolicies(stage.realm, [{ rotatedExpirationSeconds: 3600 }]);
  scene.clock.advance(10 * MINUTE);
  await scene.published('web', 2);
  const { current: second } = await stage.published();
  expect(await stage.signIns(first, second)).toEqual([200, 200]);
});

test('managePolicy: the operator adds the policy itself', async () => {
  const stage = await RealmStage.start([], { managePolicy: true });
  const first = await stage.publish();
  await stage.rotate();
  const { current: second } = await stage.published();
  expect(await stage.signIns(first, second)).toEqual([200, 200]);
});

test('retainPreviousFor: 0s: the old one ends at once, whatever the policy retains', async () => {
  const stage = await RealmStage.start([{ rotatedExpirationSeconds: 3600 }]);
  const first = await stage.publish({ rotation: { retainPreviousFor: '0s' } });
  await stage.rotate();
  const { current: second, previous } = await stage.published();
  expect(previous).toBeUndefined();
  expect(await stage.signIns(first, second)).toEqual([401, 200]);
});

test('revokeIssuedBefore: nothing older works', async () => {
  const stage = await RealmStage.start([{ rotatedExpirationSeconds: 3600 }]);
  const first = await stage.publish();
  await stage.rotate();
  const { current: second } = await stage.published();
  await stage.scene.edit('web', { revokeIssuedBefore: stage.scene.time() });
  const { status } = await stage.scene.published('web', 3);
  expect(status?.lastRevocation).toMatchObject({ version: 2, verified: 'Verified' });
  const { current: third } = await stage.published();
  expect(await stage.signIns(first, second, third)).toEqual([401, 401, 200]);
});

test('somebody rotates in Keycloak: the backing Secret follows', async () => {
  const stage = await RealmStage.start([{ rotatedExpirationSeconds: 3600 }]);
  const first = await stage.publish();
  await keycloak.rotateByHand(stage.realm, stage.clientID);
  stage.scene.clock.advance(2 * MINUTE);
  await stage.scene.published('web', 2);
  const { current: second, previous } = await stage.published();
  expect(previous).toBe(first);
  expect(await stage.signIns(first, second)).toEqual([200, 200]);
  await eventsUntil(stage.scene, 'web', 'ExternalRotationFollowed');
});
