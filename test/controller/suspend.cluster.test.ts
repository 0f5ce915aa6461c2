import { expect, test } from 'vitest';
import type { OIDCApplicationSpec } from '../../src/api/oidcapplication.gen.ts';
import { admin, clientSecrets, conditionOf, DAY, HOUR, Scene } from './harness.ts';
import { looksAgain, writesDuring } from './observe.ts';
import { base64, issueAndRotate, whenCondition, whenEnded } from './steps.ts';

async function suspended(spec: OIDCApplicationSpec = {}) {
  const scene = await Scene.start();
  const secrets = await issueAndRotate(scene, 'web', spec);
  await scene.edit('web', { suspend: true });
  const application = await whenCondition(scene, 'web', 'Ready', { reason: 'Suspended' });
  return { scene, application, ...secrets };
}

test('suspend: Ready stays True, with the reason', async () => {
  const { application } = await suspended();
  expect(conditionOf(application, 'Ready')?.status).toBe('True');
  expect(conditionOf(application, 'Stalled')).toBeUndefined();
  expect(application.status?.nextRotationTime).toBeUndefined();
});

test('suspend: nothing is issued for a new application until it goes on', async () => {
  const scene = await Scene.start();
  await scene.create('web', { suspend: true });
  const waiting = await whenCondition(scene, 'web', 'Ready', { reason: 'Suspended' });
  expect(conditionOf(waiting, 'Ready')?.status).toBe('False');
  await looksAgain(scene, 'web');
  expect(await scene.findSecret('web')).toBeUndefined();
  await scene.edit('web', { suspend: false });
  await scene.published('web', 1);
});

test.for(['rotateAfter', 'every'])('suspend: nothing is rotated by %s', async (field) => {
  const { scene, first, second } = await suspended();
  const rotation =
    field === 'every'
      ? { every: '1h', retainPreviousFor: '1m' }
      : { rotateAfter: scene.time(HOUR) };
  await scene.edit('web', { rotation });
  scene.clock.advance(HOUR);
  await looksAgain(scene, 'web');
  const held = await scene.published('web', 2);
  expect(conditionOf(held, 'RotationHeld')).toMatchObject({ status: 'True', reason: 'Suspended' });
  expect(clientSecrets(await scene.secret('web'))).toEqual({ current: second, previous: first });

  scene.clock.advance(DAY);
  await whenEnded(scene, 'web', 'Expired');
  await scene.edit('web', { suspend: false });
  const rotated = await scene.published('web', 3);
  expect(conditionOf(rotated, 'RotationHeld')).toBeUndefined();
});

test.for<[string, Readonly<Record<string, unknown>>]>([
  ['a drifted label', { metadata: { labels: { 'keyturn.dev/application': 'other' } } }],
  ['a client ID', { data: { 'client-id': base64('other') } }],
  ['a removed client secret', { data: { 'client-secret': null } }],
  ['a client secret replaced by hand', { data: { 'client-secret': base64('by-hand') } }],
])('suspend: %s is not repaired until it goes on', async ([, patch]) => {
  const { scene } = await suspended();
  const tampered = await scene.tamper('web', patch);
  const writes = await writesDuring(scene.handle, () => looksAgain(scene, 'web'));
  expect(writes).not.toHaveProperty('PATCH secrets');
  expect(await scene.secret('web')).toEqual(tampered);
  await scene.edit('web', { suspend: false });
  await whenCondition(scene, 'web', 'Ready', { status: 'True', reason: 'Published' });
  expect((await scene.secret('web')).metadata.resourceVersion).not.toBe(
    tampered.metadata.resourceVersion,
  );
});

test('suspend: spec.secret is not carried out until it goes on', async () => {
  const { scene, second } = await suspended();
  const edited = { name: 'other', labels: { a: 'b' }, keys: { clientSecret: 'SECRET' } };
  const writes = await writesDuring(scene.handle, async () => {
    await scene.edit('web', { secret: edited, deletionPolicy: 'Delete' });
    await whenCondition(scene, 'web', 'Ready', { reason: 'Suspended' });
  });
  expect(writes).toEqual({ 'PATCH oidcapplications/status': 1 });
  expect(clientSecrets(await scene.secret('web')).current).toBe(second);
  expect(await scene.findSecret('other')).toBeUndefined();
  await scene.edit('web', { suspend: false });
  await scene.published('web', 2);
  expect(Object.keys((await scene.secret('other')).data ?? {})).toContain('SECRET');
});

test('suspend: a deleted Secret is not issued anew until it goes on', async () => {
  const { scene } = await suspended();
  await admin.secrets.delete({ namespace: scene.namespace, name: 'web' });
  const lost = await whenCondition(scene, 'web', 'Ready', { status: 'False' });
  expect(conditionOf(lost, 'Ready')?.reason).toBe('Suspended');
  expect(conditionOf(lost, 'PreviousSecretRetained')).toMatchObject({
    status: 'False',
    reason: 'Revoked',
  });
  await looksAgain(scene, 'web');
  expect(await scene.findSecret('web')).toBeUndefined();
  await scene.edit('web', { suspend: false });
  await scene.published('web', 3);
});

test('suspend: expiry goes on', async () => {
  const { scene, second } = await suspended();
  scene.clock.advance(DAY);
  await whenEnded(scene, 'web', 'Expired');
  expect(clientSecrets(await scene.secret('web'))).toEqual({
    current: second,
    previous: undefined,
  });
});

test.for<[string, (scene: Scene) => Readonly<Record<string, unknown>>]>([
  ['Requested', () => ({ revokePreviousSecret: true })],
  ['RetiredBefore', (scene) => ({ revokeRetiredBefore: scene.time() })],
])('suspend: revocation goes on: %s', async ([reason, statement]) => {
  const { scene, second } = await suspended();
  await scene.edit('web', statement(scene));
  const application = await whenEnded(scene, 'web', reason);
  expect(clientSecrets(await scene.secret('web'))).toEqual({
    current: second,
    previous: undefined,
  });
  expect(conditionOf(application, 'Ready')).toMatchObject({ status: 'True', reason: 'Suspended' });
});

test('suspend: a revocation carries out and repairs nothing else on its way', async () => {
  const { scene } = await suspended();
  await scene.tamper('web', {
    data: { 'client-id': base64('other') },
    metadata: { labels: { 'keyturn.dev/application': null } },
  });
  const tampered = await scene.secret('web');
  const secret = { labels: { a: 'b' }, keys: { clientSecret: 'SECRET' } };
  await scene.edit('web', { secret, deletionPolicy: 'Delete', revokePreviousSecret: true });
  await whenEnded(scene, 'web', 'Requested');

  const { 'previous-client-secret': _, ...data } = tampered.data ?? {};
  const after = await scene.secret('web');
  expect(after.data).toEqual(data);
  expect(after.metadata.labels).toEqual(tampered.metadata.labels);
  expect(after.metadata.ownerReferences).toBeUndefined();
});

test('suspend: revokeIssuedBefore ends the previous secret; the current one waits, and Ready says so', async () => {
  const { scene, second } = await suspended();
  await scene.edit('web', { revokeIssuedBefore: scene.time() });
  const waiting = await whenEnded(scene, 'web', 'IssuedBefore');
  expect(clientSecrets(await scene.secret('web'))).toEqual({
    current: second,
    previous: undefined,
  });
  expect(conditionOf(waiting, 'Ready')).toMatchObject({ status: 'False', reason: 'Suspended' });
  expect(conditionOf(waiting, 'RotationHeld')).toMatchObject({ reason: 'Suspended' });
  await scene.edit('web', { suspend: false });
  await scene.published('web', 3);
});

test('suspend: a previous key that came back after its revocation is dropped all the same', async () => {
  const { scene, first } = await suspended();
  await scene.edit('web', { revokePreviousSecret: true });
  await whenEnded(scene, 'web', 'Requested');
  await scene.tamper('web', { data: { 'previous-client-secret': base64(first) } });
  await looksAgain(scene, 'web');
  expect(clientSecrets(await scene.secret('web')).previous).toBeUndefined();
});

test('suspend: Ready is False where somebody took the published client secret away', async () => {
  const { scene } = await suspended();
  await scene.tamper('web', { data: { 'client-secret': base64('by-hand') } });
  const changed = await whenCondition(scene, 'web', 'Ready', { status: 'False' });
  expect(conditionOf(changed, 'Ready')).toMatchObject({ reason: 'Suspended' });
  expect(conditionOf(changed, 'Ready')?.message).toContain('Somebody changed or removed');
});

test('suspend: a time too far ahead is refused then, and does not fire afterwards', async () => {
  const { scene, first } = await suspended();
  await scene.edit('web', { revokeRetiredBefore: scene.time(HOUR) });
  await whenCondition(scene, 'web', 'Stalled', { reason: 'InvalidSpec' });
  scene.clock.advance(2 * HOUR);
  await scene.edit('web', { suspend: false });
  await whenCondition(scene, 'web', 'Stalled', { reason: 'InvalidSpec' });
  expect(clientSecrets(await scene.secret('web')).previous).toBe(first);
});
