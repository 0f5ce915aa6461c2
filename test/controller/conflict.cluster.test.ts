import { expect, test } from 'vitest';
import { admin, clientSecrets, conditionOf, MINUTE, plainValue, Scene } from './harness.ts';
import { eventsUntil, kubectl, looksAgain } from './observe.ts';
import {
  adoptBy,
  createForeign,
  currentOf,
  issue,
  issueAndRotate,
  rotate,
  whenCondition,
  whenEnded,
} from './steps.ts';

const data = { password: 'of-somebody-else' };

async function conflict(scene: Scene) {
  const foreign = await createForeign(scene, 'web', { data });
  await scene.create('web');
  const application = await whenCondition(scene, 'web', 'Stalled', { reason: 'SecretConflict' });
  return { foreign, application };
}

test("SecretConflict: somebody else's Secret of that name is never touched", async () => {
  const scene = await Scene.start();
  const { foreign, application } = await conflict(scene);
  const { message } = conditionOf(application, 'Ready') ?? {};
  expect(message).toContain('not managed by Keyturn');
  expect(message).toContain('spec.secret.name');
  expect(application.status?.currentSecret).toBeUndefined();

  await scene.edit('web', { revokePreviousSecret: true, revokeIssuedBefore: scene.time() });
  await whenCondition(scene, 'web', 'Stalled', { reason: 'SecretConflict' });
  scene.clock.advance(MINUTE);
  await looksAgain(scene, 'web');
  expect(await scene.secret('web')).toEqual(foreign);
});

test('SecretConflict: a foreign Secret outlives the application, whatever deletionPolicy says', async () => {
  const scene = await Scene.start();
  const { foreign } = await conflict(scene);
  await scene.edit('web', { deletionPolicy: 'Delete' });
  await whenCondition(scene, 'web', 'Stalled', { reason: 'SecretConflict' });
  await kubectl(scene, 'delete', 'oidcapp/web');
  expect(await scene.secret('web')).toEqual(foreign);
});

test('SecretConflict: once the Secret is deleted, the application recovers within a minute', async () => {
  const scene = await Scene.start();
  await conflict(scene);
  await admin.secrets.delete({ namespace: scene.namespace, name: 'web' });
  scene.clock.advance(MINUTE);
  const recovered = await scene.published('web', 1);
  expect(conditionOf(recovered, 'Stalled')).toBeUndefined();
  const events = await eventsUntil(scene, 'web', 'SecretIssued');
  expect(events).toMatchObject([
    { type: 'Warning', reason: 'SecretConflict', count: 1 },
    { type: 'Normal', reason: 'SecretIssued', count: 1 },
  ]);
});

test('SecretConflict: once the Secret is offered, the application recovers within a minute', async () => {
  const scene = await Scene.start();
  await conflict(scene);
  const value = Buffer.from('handed-over').toString('base64');
  await scene.tamper('web', {
    data: { 'client-secret': value },
    metadata: { annotations: adoptBy('web') },
  });
  scene.clock.advance(MINUTE);
  await scene.published('web', 1);
  const secret = await scene.secret('web');
  expect(clientSecrets(secret).current).toBe('handed-over');
  expect(plainValue(secret, 'password')).toBe('of-somebody-else');
});

test('SecretConflict: another secret.name resolves it at once', async () => {
  const scene = await Scene.start();
  const { foreign } = await conflict(scene);
  await scene.edit('web', { secret: { name: 'web-oidc' } });
  const { status } = await scene.published('web', 1);
  expect(status?.secretName).toBe('web-oidc');
  expect(await scene.secret('web')).toEqual(foreign);
});

test('two applications, one Secret: the second has SecretConflict, the first is undisturbed', async () => {
  const scene = await Scene.start();
  await issueAndRotate(scene, 'first', { secret: { name: 'shared' } });
  const before = await scene.secret('shared');
  await scene.create('second', { secret: { name: 'shared' }, revokePreviousSecret: true });

  const second = await whenCondition(scene, 'second', 'Stalled', { reason: 'SecretConflict' });
  expect(conditionOf(second, 'Stalled')?.message).toContain('OIDCApplication first');
  await looksAgain(scene, 'second');
  await looksAgain(scene, 'first');
  await scene.published('first', 2);
  expect(await scene.secret('shared')).toEqual(before);
});

test('two applications, one Secret: also an offer does not take it from the one that uses it', async () => {
  const scene = await Scene.start();
  const value = await issue(scene, 'first', { secret: { name: 'shared' } });
  await scene.tamper('shared', { metadata: { annotations: adoptBy('second') } });
  await scene.create('second', { secret: { name: 'shared' } });
  await whenCondition(scene, 'second', 'Stalled', { reason: 'SecretConflict' });
  await looksAgain(scene, 'first');
  await scene.published('first', 1);
  const secret = await scene.secret('shared');
  expect(currentOf(secret)).toBe(value);
  expect(secret.metadata.annotations).toMatchObject({ 'keyturn.dev/application': 'first' });
});

test('two applications, one Secret: when the first moves on, the second gets a Secret of its own', async () => {
  const scene = await Scene.start();
  const value = await issue(scene, 'first', { secret: { name: 'shared' } });
  await scene.create('second', { secret: { name: 'shared' } });
  await whenCondition(scene, 'second', 'Stalled', { reason: 'SecretConflict' });

  await scene.edit('first', { secret: { name: 'own' } });
  await scene.published('first', 1);
  await scene.published('second', 1);
  expect(currentOf(await scene.secret('own'))).toBe(value);
  expect(currentOf(await scene.secret('shared'))).not.toBe(value);
});

test('two applications, one Secret: once the first is gone, the Secret can be offered to the second', async () => {
  const scene = await Scene.start();
  const value = await issue(scene, 'first', { clientID: 'shop', secret: { name: 'shared' } });
  await kubectl(scene, 'delete', 'oidcapp/first');
  await scene.create('second', { clientID: 'shop', secret: { name: 'shared' } });
  const stalled = await whenCondition(scene, 'second', 'Stalled', { reason: 'SecretConflict' });
  expect(conditionOf(stalled, 'Stalled')?.message).toContain('keyturn.dev/adopt-by=second');

  await scene.tamper('shared', { metadata: { annotations: adoptBy('second') } });
  await scene.published('second', 1);
  expect(currentOf(await scene.secret('shared'))).toBe(value);
});

test('two applications, one Secret: created at once, one gets it, neither writes to the other', async () => {
  const scene = await Scene.start();
  const names = ['a', 'b', 'c', 'd'];
  await Promise.all(names.map((name) => scene.create(name, { secret: { name: 'shared' } })));
  const settled = await Promise.all(
    names.map((name) =>
      scene.reaches(name, (application) => expect(conditionOf(application, 'Ready')).toBeDefined()),
    ),
  );
  const winners = settled.filter((each) => conditionOf(each, 'Ready')?.status === 'True');
  expect(winners).toHaveLength(1);
  const reasons = settled.map((each) => conditionOf(each, 'Ready')?.reason).sort();
  expect(reasons).toEqual(['Published', 'SecretConflict', 'SecretConflict', 'SecretConflict']);
  expect((await scene.secret('shared')).metadata.annotations).toMatchObject({
    'keyturn.dev/application': winners[0]?.metadata.name,
    'keyturn.dev/secret-version': '1',
  });
});

test('SecretConflict after a rename: the old Secret stays in use, and the rest goes on', async () => {
  const scene = await Scene.start();
  const { second } = await issueAndRotate(scene, 'web');
  const foreign = await createForeign(scene, 'taken', { data });
  await scene.edit('web', { secret: { name: 'taken' } });
  const stalled = await whenCondition(scene, 'web', 'Stalled', { reason: 'SecretConflict' });
  expect(stalled.status?.secretName).toBe('web');

  await scene.edit('web', { revokeRetiredBefore: scene.time() });
  await whenEnded(scene, 'web', 'RetiredBefore');
  expect(clientSecrets(await scene.secret('web'))).toEqual({
    current: second,
    previous: undefined,
  });
  expect(await scene.secret('taken')).toEqual(foreign);

  await admin.secrets.delete({ namespace: scene.namespace, name: 'taken' });
  scene.clock.advance(MINUTE);
  await scene.published('web', 2);
  expect(currentOf(await scene.secret('taken'))).toBe(second);
  expect((await rotate(scene, 'web')).previous).toBe(second);
});

test('SecretConflict: a suspended application is told when another one takes the name', async () => {
  const scene = await Scene.start();
  await scene.create('first', { suspend: true, secret: { name: 'common' } });
  await whenCondition(scene, 'first', 'Ready', { reason: 'Suspended' });
  await scene.create('second', { secret: { name: 'common' } });
  await scene.published('second', 1);
  await whenCondition(scene, 'first', 'Stalled', { reason: 'SecretConflict' });
});
