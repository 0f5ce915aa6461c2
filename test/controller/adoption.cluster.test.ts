import { expect, test } from 'vitest';
import { adminClient } from '../setup/cluster.ts';
import { clientSecrets, conditionOf, MINUTE, plainValue, Scene } from './harness.ts';
import { eventsUntil, looksAgain, writesDuring } from './observe.ts';
import {
  adoptBy,
  base64,
  createForeign,
  type ForeignSecret,
  rotate,
  whenCondition,
} from './steps.ts';

const VALUE = 'a-secret-from-before-Keyturn';

test('adoption: the value of an offered Secret becomes version 1, without a rotation', async () => {
  const scene = await Scene.start();
  const foreign = {
    data: { 'client-id': 'legacy', 'client-secret': VALUE, other: 'stays' },
    annotations: { ...adoptBy('web'), 'example.com/note': 'stays' },
    labels: { 'example.com/team': 'stays' },
  };
  await createForeign(scene, 'web', foreign);
  const before = scene.time();
  await scene.create('web', { clientID: 'legacy' });

  const { status } = await scene.published('web', 1);
  expect(String(status?.currentSecret?.issuedAt) >= before).toBe(true);
  const secret = await scene.secret('web');
  expect(clientSecrets(secret)).toEqual({ current: VALUE, previous: undefined });
  expect(plainValue(secret, 'other')).toBe('stays');
  expect(secret.metadata.labels).toEqual({
    'example.com/team': 'stays',
    'app.kubernetes.io/managed-by': 'keyturn',
    'keyturn.dev/application': 'web',
  });
  expect(secret.metadata.annotations).toMatchObject({
    'example.com/note': 'stays',
    'keyturn.dev/application': 'web',
    'keyturn.dev/secret-version': '1',
  });

  expect((await rotate(scene, 'web')).previous).toBe(VALUE);
  const events = await eventsUntil(scene, 'web', 'SecretRotated');
  expect(events.map(({ reason }) => reason)).toEqual(['SecretAdopted', 'SecretRotated']);
});

test('adoption: a Secret without a client ID gets it', async () => {
  const scene = await Scene.start();
  await createForeign(scene, 'web', {
    data: { 'client-secret': VALUE },
    annotations: adoptBy('web'),
  });
  await scene.create('web', { clientID: 'web-shop' });
  await scene.published('web', 1);
  expect(plainValue(await scene.secret('web'), 'client-id')).toBe('web-shop');
});

test('adoption: the key of spec.secret.keys is the one that is taken over', async () => {
  const scene = await Scene.start();
  await createForeign(scene, 'web', { data: { secret: VALUE }, annotations: adoptBy('web') });
  await scene.create('web', { secret: { keys: { clientSecret: 'secret' } } });
  await scene.published('web', 1);
  expect(plainValue(await scene.secret('web'), 'secret')).toBe(VALUE);
});

test('adoption: it satisfies a revokeIssuedBefore of the past, as the value is issued now', async () => {
  const scene = await Scene.start();
  const offered = { data: { 'client-secret': VALUE }, annotations: adoptBy('web') };
  await createForeign(scene, 'web', offered);
  await scene.create('web', { revokeIssuedBefore: scene.time(-MINUTE) });
  await scene.published('web', 1);
  await looksAgain(scene, 'web');
  await scene.published('web', 1);
  expect(clientSecrets(await scene.secret('web')).current).toBe(VALUE);
});

test('adoption: owners that are no controllers stay beside the application', async () => {
  const scene = await Scene.start();
  const owner = await createOwner(scene);
  const data = { 'client-secret': VALUE };
  const ownerReferences = [owner];
  await createForeign(scene, 'web', { data, annotations: adoptBy('web'), ownerReferences });
  const { metadata } = await scene.create('web', { deletionPolicy: 'Delete' });
  await scene.published('web', 1);
  expect((await scene.secret('web')).metadata.ownerReferences).toEqual([
    owner,
    expect.objectContaining({ uid: metadata.uid, controller: true }),
  ]);
});

test.for<[string, ForeignSecret, string]>([
  ['no annotation offers it', { data: { 'client-secret': VALUE } }, 'keyturn.dev/adopt-by=web'],
  [
    'it is offered to another application',
    { data: { 'client-secret': VALUE }, annotations: adoptBy('other') },
    'keyturn.dev/adopt-by=web',
  ],
  [
    'the client secret is missing',
    { data: { password: VALUE }, annotations: adoptBy('web') },
    'client-secret',
  ],
  [
    'the client secret is empty',
    { data: { 'client-secret': '', password: VALUE }, annotations: adoptBy('web') },
    'client-secret',
  ],
  [
    'a previous secret is present',
    {
      data: { 'client-secret': VALUE, 'previous-client-secret': 'before-that' },
      annotations: adoptBy('web'),
    },
    'previous-client-secret',
  ],
  [
    'the client ID differs',
    { data: { 'client-secret': VALUE, 'client-id': 'another-id' }, annotations: adoptBy('web') },
    'client-id',
  ],
  [
    'it is immutable',
    { data: { 'client-secret': VALUE }, annotations: adoptBy('web'), immutable: true },
    'immutable',
  ],
])('adoption is refused where %s, and nothing is touched', async ([, foreign, hint]) => {
  const scene = await Scene.start();
  await expectRefusal(scene, foreign, hint);
});

test('adoption is refused where another controller owns the Secret', async () => {
  const scene = await Scene.start();
  const owner = { ...(await createOwner(scene)), controller: true };
  const data = { 'client-secret': VALUE };
  const offered = { data, annotations: adoptBy('web'), ownerReferences: [owner] };
  await expectRefusal(scene, offered, 'ConfigMap owner');
});

async function createOwner({ namespace }: Scene) {
  const body = { metadata: { name: 'owner' } };
  const { metadata } = await adminClient.core.createNamespacedConfigMap({ namespace, body });
  return { apiVersion: 'v1', kind: 'ConfigMap', name: 'owner', uid: metadata?.uid ?? '' };
}

async function expectRefusal(scene: Scene, foreign: ForeignSecret, hint: string): Promise<void> {
  const before = await createForeign(scene, 'web', foreign);
  await scene.create('web');

  const refused = await whenCondition(scene, 'web', 'Stalled', { reason: 'SecretConflict' });
  const { message } = conditionOf(refused, 'Stalled') ?? {};
  expect(message).toContain(hint);
  for (const value of Object.values(foreign.data ?? {}).filter((text) => text !== '')) {
    expect(message).not.toContain(value);
    expect(message).not.toContain(base64(value));
  }
  const unready = { status: 'False', reason: 'SecretConflict' };
  expect(conditionOf(refused, 'Ready')).toMatchObject(unready);

  expect(await writesDuring(scene.handle, () => looksAgain(scene, 'web'))).toEqual({});
  expect(await scene.secret('web')).toEqual(before);
}
