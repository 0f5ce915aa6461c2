import { expect, test } from 'vitest';
import { eventually } from '../setup/cluster.ts';
import {
  admin,
  clientSecrets,
  conditionOf,
  DAY,
  plainValue,
  Scene,
  startOperator,
} from './harness.ts';
import { eventsUntil } from './observe.ts';
import { base64, currentOf, issue, issueAndRotate, whenEnded } from './steps.ts';

const previousKey = (text: string | null) => ({
  data: { 'previous-client-secret': text === null ? null : base64(text) },
});

async function whenDropped(scene: Scene): Promise<void> {
  await eventually(async () =>
    expect(clientSecrets(await scene.secret('web')).previous).toBeUndefined(),
  );
}

test('a previous key that came back after its revocation is dropped again', async () => {
  const scene = await Scene.start();
  const { first, second } = await issueAndRotate(scene, 'web');
  await scene.edit('web', { revokePreviousSecret: true });
  await whenEnded(scene, 'web', 'Requested');

  for (const value of [first, first]) {
    await scene.tamper('web', previousKey(value));
    await whenDropped(scene);
  }
  const application = await scene.published('web', 2);
  expect(currentOf(await scene.secret('web'))).toBe(second);
  expect(application.status?.lastRevocation).toMatchObject({ version: 1, reason: 'Requested' });
  const events = await eventsUntil(scene, 'web', 'StrayPreviousSecretDropped');
  expect(events.at(-1)).toMatchObject({ type: 'Warning' });
});

test('a previous key that came back after its expiry is dropped again', async () => {
  const scene = await Scene.start();
  const { first } = await issueAndRotate(scene, 'web');
  scene.clock.advance(DAY);
  await whenEnded(scene, 'web', 'Expired');
  await scene.tamper('web', previousKey(first));
  await whenDropped(scene);
});

test('a previous key that somebody added where none is recorded is dropped', async () => {
  const scene = await Scene.start();
  const first = await issue(scene, 'web');
  await scene.tamper('web', previousKey('of-my-own-making'));
  await whenDropped(scene);
  const application = await scene.published('web', 1);
  expect(currentOf(await scene.secret('web'))).toBe(first);
  expect(application.status?.lastRevocation).toBeUndefined();
});

test('a previous key that came back while the operator was down is dropped', async () => {
  const scene = await Scene.start();
  const { first } = await issueAndRotate(scene, 'web');
  await scene.edit('web', { revokePreviousSecret: true });
  await whenEnded(scene, 'web', 'Requested');
  await scene.handle.stop();
  await scene.tamper('web', previousKey(first));
  await startOperator({ namespaces: [scene.namespace], clock: scene.clock });
  await whenDropped(scene);
});

test.for([
  ['removed', null],
  ['overwritten', 'of-my-own-making'],
  ['emptied', ''],
] as const)('a retained previous key that was %s has ended', async ([, value]) => {
  const scene = await Scene.start();
  const { second } = await issueAndRotate(scene, 'web');
  await scene.tamper('web', previousKey(value));
  const application = await whenEnded(scene, 'web', 'Removed');
  expect(conditionOf(application, 'PreviousSecretRetained')).toMatchObject({
    status: 'False',
    reason: 'Revoked',
  });
  expect(clientSecrets(await scene.secret('web'))).toEqual({
    current: second,
    previous: undefined,
  });
});

test('a deleted Secret is issued anew, with a version above what status says', async () => {
  const scene = await Scene.start();
  const { first, second } = await issueAndRotate(scene, 'web');
  await admin.secrets.delete({ namespace: scene.namespace, name: 'web' });

  const application = await scene.published('web', 3);
  const { current, previous } = clientSecrets(await scene.secret('web'));
  expect([first, second]).not.toContain(current);
  expect(previous).toBeUndefined();
  expect(application.status?.previousSecret).toBeUndefined();
  expect(conditionOf(application, 'PreviousSecretRetained')?.status).toBe('False');
});

test('a Secret that was deleted while the operator was down is issued anew', async () => {
  const scene = await Scene.start();
  const first = await issue(scene, 'web');
  await scene.handle.stop();
  await admin.secrets.delete({ namespace: scene.namespace, name: 'web' });
  await startOperator({ namespaces: [scene.namespace], clock: scene.clock });
  await scene.published('web', 2);
  expect(currentOf(await scene.secret('web'))).not.toBe(first);
});

test('the client ID, drifted or removed, is put right', async () => {
  const scene = await Scene.start();
  const first = await issue(scene, 'web', { clientID: 'web-shop' });
  for (const value of [base64('another'), null]) {
    await scene.tamper('web', { data: { 'client-id': value } });
    await eventually(async () =>
      expect(plainValue(await scene.secret('web'), 'client-id')).toBe('web-shop'),
    );
  }
  await scene.published('web', 1);
  expect(currentOf(await scene.secret('web'))).toBe(first);
});
