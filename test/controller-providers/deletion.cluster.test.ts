import { expect, test } from 'vitest';
import { admin, MINUTE } from '../controller/harness.ts';
import { eventsUntil, kubectl, writesDuring } from '../controller/observe.ts';
import { whenCondition } from '../controller/steps.ts';
import { eventually } from '../setup/cluster.ts';
import { ACCEPTED, REJECTED, Stage } from './stage.ts';

const FINALIZER = 'keyturn.dev/previous-client-secret';

async function remove({ scene }: Stage, name: string): Promise<void> {
  await admin.applications.delete({ namespace: scene.namespace, name });
}

async function whenGone({ scene }: Stage, name: string): Promise<void> {
  await eventually(async () => {
    const found = await admin.applications.find({ namespace: scene.namespace, name });
    expect(found).toBeUndefined();
  });
}

// The garbage collector looks for new kinds of resources every 30 seconds.
async function whenCollected({ scene }: Stage, name: string): Promise<void> {
  await eventually(async () => expect(await scene.findSecret(name)).toBeUndefined(), {
    timeoutMs: 90_000,
  });
}

async function finalizersOf({ scene }: Stage, name: string) {
  return (await scene.application(name)).metadata.finalizers ?? [];
}

test('Delete: the previous secret is revoked at the provider first, the current one stays', {
  timeout: 120_000,
}, async () => {
  const stage = await Stage.start();
  const { first, second } = await stage.publishAndRotate('web', { deletionPolicy: 'Delete' });
  expect(await finalizersOf(stage, 'web')).toEqual([FINALIZER]);

  await remove(stage, 'web');
  await whenGone(stage, 'web');
  expect(await stage.signIn('web', first)).toBe(REJECTED);
  expect(await stage.signIn('web', second)).toBe(ACCEPTED);
  await whenCollected(stage, 'web');
  expect(stage.changes('web')).toEqual({ POST: 1, DELETE: 1 });
});

test('Delete: the finalizer is there only while a previous secret is', async () => {
  const stage = await Stage.start();
  await stage.publish('web', { deletionPolicy: 'Delete' });
  expect(await finalizersOf(stage, 'web')).toEqual([]);
  await stage.scene.edit('web', { rotation: { rotateAfter: stage.scene.time() } });
  await stage.scene.published('web', 2);
  expect(await finalizersOf(stage, 'web')).toEqual([FINALIZER]);
  await stage.scene.edit('web', { revokePreviousSecret: true });
  await whenCondition(stage.scene, 'web', 'PreviousSecretRetained', { status: 'False' });
  await eventually(async () => expect(await finalizersOf(stage, 'web')).toEqual([]));
});

test('Retain: there is no finalizer, and a change to Delete and back sets and removes it', async () => {
  const stage = await Stage.start();
  await stage.publishAndRotate('web');
  expect(await finalizersOf(stage, 'web')).toEqual([]);
  await stage.scene.edit('web', { deletionPolicy: 'Delete' });
  await eventually(async () => expect(await finalizersOf(stage, 'web')).toEqual([FINALIZER]));
  await stage.scene.edit('web', { deletionPolicy: 'Retain' });
  await eventually(async () => expect(await finalizersOf(stage, 'web')).toEqual([]));
});

test('Retain: the retained secret lives on, and ends at its expiry although nobody asks for it', async () => {
  const stage = await Stage.start();
  const { scene } = stage;
  const { first, second } = await stage.publishAndRotate('web', {
    rotation: { retainPreviousFor: '2h' },
  });
  await remove(stage, 'web');
  await whenGone(stage, 'web');
  expect(await stage.signIn('web', first)).toBe(ACCEPTED);
  expect(await stage.published('web')).toEqual({ current: second, previous: first });

  // What the annotation says counts, where it is earlier than the provider's own end.
  const earlier = new Date(scene.clock.now() + MINUTE).toISOString();
  const annotations = { 'keyturn.dev/previous-expires-at': earlier };
  await scene.tamper('web', { metadata: { annotations } });
  scene.clock.advance(2 * MINUTE);
  await eventually(async () =>
    expect(await stage.published('web')).toEqual({ current: second, previous: undefined }),
  );
  expect(await stage.signIn('web', first)).toBe(REJECTED);
  expect(await stage.signIn('web', second)).toBe(ACCEPTED);
  expect(stage.changes('web')).toEqual({ POST: 1, DELETE: 1 });
});

test('Retain: an application of the same name goes on where the one before was', async () => {
  const stage = await Stage.start();
  const { first, second } = await stage.publishAndRotate('web');
  const { spec } = await stage.scene.application('web');
  await remove(stage, 'web');
  await whenGone(stage, 'web');
  await stage.scene.create('web', { ...spec, rotation: {} });
  await stage.scene.published('web', 2);
  expect(await stage.published('web')).toEqual({ current: second, previous: first });
  expect(stage.changes('web')).toEqual({ POST: 1 });
});

test('Delete: a provider that is gone holds the deletion for 5 minutes, and then it is told', async () => {
  const stage = await Stage.start();
  const { scene } = stage;
  await stage.publishAndRotate('web', { deletionPolicy: 'Delete' });
  await kubectl(scene, 'delete', 'oidcprovider', 'pingone');
  await whenCondition(scene, 'web', 'Ready', { status: 'False', reason: 'ProviderNotFound' });
  await remove(stage, 'web');
  scene.clock.advance(4 * MINUTE);
  await eventually(async () =>
    expect((await scene.application('web')).metadata.deletionTimestamp).toBeDefined(),
  );
  expect(await finalizersOf(stage, 'web')).toEqual([FINALIZER]);

  scene.clock.advance(2 * MINUTE);
  await whenGone(stage, 'web');
  await eventsUntil(scene, 'web', 'PreviousSecretNotRevoked');
});

test('Delete: nothing is asked of a provider where nothing is retained', {
  timeout: 120_000,
}, async () => {
  const stage = await Stage.start();
  await stage.publish('web', { deletionPolicy: 'Delete' });
  const before = stage.calls('web').length;
  const writes = await writesDuring(stage.scene.handle, async () => {
    await remove(stage, 'web');
    await whenGone(stage, 'web');
    await whenCollected(stage, 'web');
  });
  expect(writes).toEqual({});
  expect(stage.calls('web').length).toBe(before);
});
