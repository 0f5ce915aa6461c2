import { expect, test } from 'vitest';
import { admin, conditionOf, DAY, HOUR, MINUTE } from '../controller/harness.ts';
import { eventsUntil } from '../controller/observe.ts';
import { base64, whenCondition, whenEnded } from '../controller/steps.ts';
import { backUp, overwriteSecret } from '../resilience/backup.ts';
import { eventually } from '../setup/cluster.ts';
import { Stage } from './stage.ts';

const INTERVAL = { resyncInterval: '1m' };

/** The provider is read anew. */
async function resync({ scene }: Stage): Promise<void> {
  scene.clock.advance(2 * MINUTE);
}

test('somebody rotates at the provider: the backing Secret follows, and nothing is rotated', async () => {
  const stage = await Stage.start({}, INTERVAL);
  const first = await stage.publish('web');
  stage.rotateByHand('web', DAY);
  await resync(stage);

  const { status } = await stage.scene.published('web', 2);
  await stage.mirrors('web');
  expect(await stage.published('web')).toMatchObject({ previous: first });
  expect(status?.previousSecret).toMatchObject({ version: 1 });
  await eventsUntil(stage.scene, 'web', 'ExternalRotationFollowed');
  await eventsUntil(stage.scene, 'web', 'PreviousSecretDiscovered');
  expect(stage.changes('web')).toEqual({});
});

test('somebody rotates there without retaining: consumers get the new one', async () => {
  const stage = await Stage.start({}, INTERVAL);
  await stage.publish('web');
  stage.rotateByHand('web');
  await resync(stage);
  const { status } = await stage.scene.published('web', 2);
  await stage.mirrors('web');
  expect(status?.previousSecret).toBeUndefined();
  expect(status?.lastRevocation).toMatchObject({ version: 1, reason: 'NotRetained' });
  expect(stage.changes('web')).toEqual({});
});

test('somebody revokes there: the key is dropped', async () => {
  const stage = await Stage.start({}, INTERVAL);
  await stage.publishAndRotate('web');
  stage.revokeByHand('web');
  await resync(stage);
  const { status } = await whenEnded(stage.scene, 'web', 'Removed');
  expect(status?.lastRevocation?.verified).toBe('Verified');
  await stage.mirrors('web');
  expect(stage.changes('web')).toEqual({ POST: 1 });
});

test('a revokePreviousSecret that already stood does not end what somebody else retained', async () => {
  const stage = await Stage.start({}, INTERVAL);
  const { scene } = stage;
  await stage.publish('web', { revokePreviousSecret: true });
  stage.rotateByHand('web', DAY);
  await resync(stage);

  await whenCondition(scene, 'web', 'PreviousSecretRetained', {
    status: 'True',
    reason: 'RevocationHeld',
  });
  const previous = stage.secretsOf('web').previous?.secret;
  expect(previous).toBeDefined();
  expect(stage.changes('web')).toEqual({});

  // Whatever is changed in spec: the statement was made anew, knowing of the secret.
  await scene.edit('web', { rotation: { retainPreviousFor: '2h' } });
  await whenEnded(scene, 'web', 'Requested');
  expect(await stage.signIn('web', previous ?? '')).toBe(401);
  expect(stage.changes('web')).toEqual({ DELETE: 1 });
});

test.for([
  ['replaced by another value', { 'client-secret': base64('by-hand') }],
  ['removed', { 'client-secret': null, 'previous-client-secret': null }],
  ['emptied', { 'client-secret': '', 'previous-client-secret': '' }],
] as const)('the backing Secret is %s: the provider’s values are put back', async ([, data]) => {
  const stage = await Stage.start();
  const { first, second } = await stage.publishAndRotate('web');
  await stage.scene.tamper('web', { data });
  await stage.mirrors('web');
  expect(await stage.published('web')).toEqual({ current: second, previous: first });
  await eventsUntil(stage.scene, 'web', 'SecretRestored');
  await stage.scene.published('web', 2);
  expect(stage.changes('web')).toEqual({ POST: 1 });
});

test('the backing Secret is deleted: it is read back, and versions go on', async () => {
  const stage = await Stage.start();
  const { scene } = stage;
  await stage.publishAndRotate('web', { rotation: { retainPreviousFor: '1h' } });
  await admin.secrets.delete({ namespace: scene.namespace, name: 'web' });
  const { status } = await scene.published('web', 4);
  await stage.mirrors('web');
  expect(status?.previousSecret).toMatchObject({ version: 3 });
  expect(stage.changes('web')).toEqual({ POST: 1 });

  scene.clock.advance(HOUR + MINUTE);
  await whenEnded(scene, 'web', 'Expired');
  expect(conditionOf(await scene.application('web'), 'Ready')).toMatchObject({ status: 'True' });
});

test('at rest a client is read once in an interval', async () => {
  const stage = await Stage.start({}, INTERVAL);
  await stage.publish('web');
  const before = stage.calls('web').length;
  for (let interval = 1; interval <= 5; interval += 1) {
    stage.scene.clock.advance(MINUTE);
    await eventually(() => expect(stage.calls('web').length).toBe(before + interval));
  }
});

test('an older backing Secret is restored: what the provider has by now is published', async () => {
  const stage = await Stage.start();
  const { scene } = stage;
  const { first } = await stage.publishAndRotate('web');
  const backup = await backUp(scene, 'web');
  await scene.edit('web', { revokePreviousSecret: true });
  await whenEnded(scene, 'web', 'Requested');
  await scene.edit('web', { revokePreviousSecret: false, rotation: { rotateAfter: scene.time() } });
  await scene.published('web', 3);
  const changes = stage.changes('web');

  await overwriteSecret(backup);
  await scene.published('web', 4);
  await stage.mirrors('web');
  expect(await stage.signIn('web', first)).toBe(401);
  expect(stage.changes('web')).toEqual(changes);
});
