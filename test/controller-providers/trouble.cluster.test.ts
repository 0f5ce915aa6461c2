import { expect, test } from 'vitest';
import { admin, conditionOf, DAY, HOUR, MINUTE, startOperator } from '../controller/harness.ts';
import { looksAgain, writesDuring, writesOf } from '../controller/observe.ts';
import { whenCondition, whenEnded } from '../controller/steps.ts';
import { eventually } from '../setup/cluster.ts';
import type { ApplicationSpec } from '../simulators/pingone/tenant.ts';
import { pingOneSpec, workerCredentials } from './provider-rig.ts';
import { Stage } from './stage.ts';

const clients: readonly (readonly [string, string, ApplicationSpec])[] = [
  ['a public client', 'NotConfidentialClient', { tokenEndpointAuthMethod: 'NONE' }],
  ['a SAML application', 'NotOIDCApplication', { protocol: 'SAML' }],
  ['one with more roles than the operator', 'ProviderForbidden', { moreRoles: true }],
];

test.for(clients)('%s: %s, and nothing is touched', async ([, reason, client]) => {
  const stage = await Stage.start();
  await stage.create('web', {}, client);
  await whenCondition(stage.scene, 'web', 'Ready', { status: 'False', reason });
  await whenCondition(stage.scene, 'web', 'Stalled', { status: 'True', reason });
  await whenCondition(stage.scene, 'web', 'PreviousSecretRetained', { status: 'Unknown', reason });
  expect(stage.changes('web')).toEqual({});
  expect(await stage.scene.findSecret('web')).toBeUndefined();
});

test('a client that does not exist: told, and taken up once it does', async () => {
  const stage = await Stage.start();
  const { scene } = stage;
  const providerRef = { kind: 'OIDCProvider', name: 'pingone' } as const;
  await scene.create('web', { clientID: 'imported', providerRef });
  await whenCondition(scene, 'web', 'Stalled', { reason: 'ClientNotFound' });
  stage.pingone.addApplication({ clientId: 'imported' });
  scene.clock.advance(5 * MINUTE);
  await scene.published('web', 1);
  expect(conditionOf(await scene.application('web'), 'Stalled')).toBeUndefined();
});

test('a provider that does not exist: told, and taken up once it does', async () => {
  const stage = await Stage.start();
  const { scene, pingone } = stage;
  const { clientID } = pingone.addApplication();
  await scene.create('web', { clientID, providerRef: { kind: 'OIDCProvider', name: 'later' } });
  await whenCondition(scene, 'web', 'Stalled', { reason: 'ProviderNotFound' });
  await stage.addProvider('later', pingOneSpec(pingone));
  await scene.published('web', 1);
});

test("the operator's own client is never managed", async () => {
  const stage = await Stage.start();
  const { scene, pingone } = stage;
  const { clientID } = pingone.worker;
  await scene.create('web', { clientID, providerRef: { kind: 'OIDCProvider', name: 'pingone' } });
  await whenCondition(scene, 'web', 'Stalled', { reason: 'OwnClient' });
  expect(await scene.findSecret('web')).toBeUndefined();
});

test('two applications for one client: the second is refused, the first undisturbed', async () => {
  const stage = await Stage.start();
  const { scene } = stage;
  await stage.publish('web');
  const { clientID } = stage.clientOf('web');
  // Times of creation are whole seconds.
  const created = (await scene.application('web')).metadata.creationTimestamp ?? '';
  await eventually(() => expect(Date.now()).toBeGreaterThan(Date.parse(created) + 1000));
  const providerRef = { kind: 'OIDCProvider', name: 'pingone' } as const;
  await scene.create('other', { clientID, providerRef });
  await whenCondition(scene, 'other', 'Stalled', { reason: 'ClientClaimed' });
  expect(await scene.findSecret('other')).toBeUndefined();
  await scene.edit('web', { rotation: { rotateAfter: scene.time() } });
  await scene.published('web', 2);

  await admin.applications.delete({ namespace: scene.namespace, name: 'web' });
  await scene.published('other', 2);
  expect(stage.changes('web')).toEqual({ POST: 1 });
});

test('a provider that leads to another environment than before: nothing is done there', async () => {
  const stage = await Stage.start();
  const { scene } = stage;
  const { first, second } = await stage.publishAndRotate('web');
  const elsewhere = await Stage.start();
  await stage.setCredentials(workerCredentials(elsewhere.pingone), 'elsewhere');
  await stage.editProvider('pingone', pingOneSpec(elsewhere.pingone, 'elsewhere'));
  await whenCondition(scene, 'web', 'Stalled', { reason: 'ProviderChanged' });
  await scene.edit('web', { revokePreviousSecret: true });
  await whenCondition(scene, 'web', 'PreviousSecretRetained', {
    status: 'True',
    reason: 'RevocationFailed',
  });
  expect(await stage.published('web')).toEqual({ current: second, previous: first });
  expect(stage.changes('web')).toEqual({ POST: 1 });

  await stage.editProvider('pingone', pingOneSpec(stage.pingone));
  await whenEnded(scene, 'web', 'Requested');
});

test('a provider that is down: the Secret stays, statements about Kubernetes go on', async () => {
  const stage = await Stage.start();
  const { scene, pingone } = stage;
  const { first, second } = await stage.publishAndRotate('web');
  pingone.faults.arm({}, { kind: 'drop', when: 'before' }, 1_000_000);
  await scene.edit('web', { revokePreviousSecret: true, secret: { labels: { a: 'b' } } });
  await whenCondition(scene, 'web', 'Ready', { status: 'False' });
  await whenCondition(scene, 'web', 'PreviousSecretRetained', {
    status: 'True',
    reason: 'RevocationFailed',
  });
  expect(await stage.published('web')).toEqual({ current: second, previous: first });
  await eventually(async () =>
    expect((await scene.secret('web')).metadata.labels).toMatchObject({ a: 'b' }),
  );

  pingone.faults.disarm();
  await eventually(async () => {
    scene.clock.advance(MINUTE);
    expect((await stage.published('web')).previous).toBeUndefined();
  });
  await scene.published('web', 2);
});

test('no write in the steady state: at rest, in trouble, after a restart', async () => {
  const stage = await Stage.start();
  const { scene } = stage;
  await stage.publishAndRotate('web');
  await stage.create('public', {}, { tokenEndpointAuthMethod: 'NONE' });
  await whenCondition(scene, 'public', 'Stalled', { reason: 'NotConfidentialClient' });
  const writes = await writesDuring(scene.handle, async () => {
    for (const name of ['web', 'public']) await looksAgain(scene, name);
    scene.clock.advance(HOUR);
    for (const name of ['web', 'public']) await looksAgain(scene, name);
  });
  expect(writes).toEqual({});

  await scene.handle.stop();
  const { namespace, clock } = scene;
  const next = await startOperator({ namespaces: [namespace], clock });
  for (const name of ['web', 'public']) await looksAgain(scene, name, next);
  expect(await writesOf(next)).toEqual({});
});

test('a retention that the operator may not end: told apart, and the key stays', async () => {
  const stage = await Stage.start();
  const { scene, pingone } = stage;
  const { first } = await stage.publishAndRotate('web');
  pingone.deny('applications:delete:secret');
  await scene.edit('web', { revokePreviousSecret: true });
  const { status } = await whenCondition(scene, 'web', 'PreviousSecretRetained', {
    status: 'True',
    reason: 'RevocationFailed',
  });
  expect(status?.conditions?.find(({ type }) => type === 'Stalled')).toMatchObject({
    reason: 'ProviderForbidden',
  });
  expect((await stage.published('web')).previous).toBe(first);

  // The provider's own end comes all the same.
  scene.clock.advance(DAY);
  await whenEnded(scene, 'web', 'Requested');
});
