import { expect, test } from 'vitest';
import { admin, clientSecrets, conditionOf, DAY, HOUR, Scene } from '../controller/harness.ts';
import { looksAgain, metric, writesDuring } from '../controller/observe.ts';
import { adoptBy, base64, currentOf, whenCondition, whenEnded } from '../controller/steps.ts';
import { cluster } from '../setup/cluster.ts';
import { Repository } from './git.ts';
import { liveClient } from './live.ts';

const MANAGERS = ['argocd-controller', 'kustomize-controller'] as const;
const TIMES = 20;

/** What the operator has done to client secrets so far. */
async function tally({ handle }: Scene): Promise<Record<string, number>> {
  const of = (kind: string) => metric(handle, 'keyturn_steps_total', { kind });
  return {
    issued: await of('Issue'),
    rotated: await of('Rotate'),
    revoked: await of('RevokePrevious'),
  };
}

/** Syncs again and again, and fails if anything but the application's managedFields is written for it. */
async function syncsInVain(scene: Scene, git: Repository): Promise<void> {
  const { metadata } = await liveClient('OIDCApplication').get({
    namespace: scene.namespace,
    name: 'web',
  });
  const [before, secret] = [await tally(scene), await scene.secret('web')];
  const writes = await writesDuring(scene.handle, async () => {
    const { generation, resourceVersion } = (await git.sync(TIMES)).metadata;
    expect({ generation, resourceVersion }).toEqual({
      generation: metadata.generation,
      resourceVersion: metadata.resourceVersion,
    });
    await looksAgain(scene, 'web');
  });
  expect(writes).toEqual({});
  expect(await tally(scene)).toEqual(before);
  expect(await scene.secret('web')).toEqual(secret);
}

test.for(MANAGERS)('%s applies a hundred times: nothing fires twice', async (manager) => {
  const scene = await Scene.start();
  const git = new Repository(manager, scene.namespace, { clientID: 'web-shop' });
  await git.sync();
  await scene.published('web', 1);
  await syncsInVain(scene, git);

  await git.merge({ rotation: { rotateAfter: scene.time(), retainPreviousFor: '2h' } });
  await scene.published('web', 2);
  await syncsInVain(scene, git);

  await git.merge({ revokeRetiredBefore: scene.time() });
  await whenEnded(scene, 'web', 'RetiredBefore');
  await syncsInVain(scene, git);

  scene.clock.advance(HOUR);
  await git.merge({ rotation: { rotateAfter: scene.time(), retainPreviousFor: '2h' } });
  const { status } = await scene.published('web', 3);
  expect(status?.previousSecret?.version).toBe(2);
  await syncsInVain(scene, git);

  await git.merge({ revokeIssuedBefore: scene.time() });
  await scene.published('web', 4);
  await whenEnded(scene, 'web', 'IssuedBefore');
  await syncsInVain(scene, git);
  expect(await tally(scene)).toEqual({ issued: 1, rotated: 3, revoked: 1 });
});

test('a pull request that is reverted brings nothing back', async () => {
  const scene = await Scene.start();
  const git = new Repository('argocd-controller', scene.namespace, {});
  await git.sync();
  await scene.published('web', 1);
  await git.merge({
    rotation: { rotateAfter: scene.time() },
    revokeIssuedBefore: scene.time(),
  });
  await scene.published('web', 2);
  await whenEnded(scene, 'web', 'IssuedBefore');
  const [before, secret] = [await tally(scene), await scene.secret('web')];
  const reverted = await git.replace({});
  expect(reverted.spec).not.toHaveProperty('revokeIssuedBefore');
  await scene.published('web', 2);
  await syncsInVain(scene, git);
  expect(await tally(scene)).toEqual(before);
  expect(await scene.secret('web')).toEqual(secret);
});

test('revokePreviousSecret: true, left in Git: it revokes once, and the next rotation is held', async () => {
  const scene = await Scene.start();
  const git = new Repository('argocd-controller', scene.namespace, {});
  await git.merge({ rotation: { every: '48h' } });
  await scene.published('web', 1);
  scene.clock.advance(2 * DAY);
  const { status } = await scene.published('web', 2);
  expect(status?.previousSecret?.version).toBe(1);
  await git.merge({ revokePreviousSecret: true });
  await whenEnded(scene, 'web', 'Requested');
  await syncsInVain(scene, git);

  scene.clock.advance(2 * DAY);
  const held = await whenCondition(scene, 'web', 'RotationHeld', {
    reason: 'RevokePreviousSecretIsTrue',
  });
  expect(conditionOf(held, 'RotationHeld')?.message).toContain('field manager "argocd-controller"');
  expect(conditionOf(held, 'Ready')).toMatchObject({ status: 'True', reason: 'RotationHeld' });
  await syncsInVain(scene, git);

  await git.merge({ revokePreviousSecret: false });
  const rotated = await scene.published('web', 3);
  expect(rotated.status?.previousSecret?.version).toBe(2);
  await syncsInVain(scene, git);
});

test('what drifted is healed once, and what was done meanwhile is not done again', async () => {
  const scene = await Scene.start();
  const git = new Repository('argocd-controller', scene.namespace, {
    revokePreviousSecret: false,
    rotation: { rotateAfter: scene.time() },
  });
  await git.sync();
  await scene.published('web', 1);
  await scene.edit('web', { rotation: { rotateAfter: scene.time() } });
  await scene.published('web', 2);
  await scene.edit('web', { revokePreviousSecret: true });
  await whenEnded(scene, 'web', 'Requested');
  for (let count = 0; count < TIMES; count += 1) {
    await git.sync();
    await scene.edit('web', { revokePreviousSecret: true });
  }
  await git.sync();
  await scene.published('web', 2);
  await syncsInVain(scene, git);
  expect(await tally(scene)).toEqual({ issued: 1, rotated: 1, revoked: 1 });
});

test('no differences to ignore: a dry run changes nothing, and each field is stored as it was sent', async () => {
  const scene = await Scene.start();
  const git = new Repository('kustomize-controller', scene.namespace, {
    secret: { name: 'web-oidc', labels: { team: 'shop' } },
    rotation: { every: '720h', rotateAfter: '2026-11-24T10:00:00+01:00' },
    revokeRetiredBefore: '2026-11-24T10:00:00Z',
  });
  await git.sync();
  await scene.published('web', 1);
  await scene.edit('web', { suspend: true });
  await whenCondition(scene, 'web', 'Ready', { reason: 'Suspended' });
  await scene.edit('web', { suspend: false });
  await whenCondition(scene, 'web', 'Ready', { reason: 'Published' });
  const live = await liveClient('OIDCApplication').get({ namespace: scene.namespace, name: 'web' });
  expect(await git.dryRun()).toEqual(live);
  expect(live).toMatchObject(git.manifest);
});

test('the operator owns status alone, and the GitOps tool all that it applies', async () => {
  const scene = await Scene.start();
  const git = new Repository('argocd-controller', scene.namespace, { revokePreviousSecret: false });
  await git.sync();
  await scene.published('web', 1);
  await git.merge({ rotation: { rotateAfter: scene.time() } });
  await scene.published('web', 2);
  const { metadata } = await git.sync();
  const entries = metadata.managedFields ?? [];
  const owners = entries.map(({ manager, operation, subresource, fieldsV1 }) => [
    manager,
    operation,
    subresource,
    Object.keys(fieldsV1 ?? {}),
  ]);
  expect(owners).toEqual([
    ['argocd-controller', 'Apply', undefined, ['f:metadata', 'f:spec']],
    ['keyturn', 'Update', 'status', ['f:status']],
  ]);
});

test('tracking labels and annotations do not reach the Secret, so it is not pruned', async () => {
  const scene = await Scene.start();
  const git = new Repository('argocd-controller', scene.namespace, {});
  await git.sync();
  await scene.published('web', 1);
  const { labels = {}, annotations = {}, ownerReferences } = (await scene.secret('web')).metadata;
  expect(ownerReferences).toBeUndefined();
  const foreign = [...Object.keys(labels), ...Object.keys(annotations)].filter(
    (key) => !key.startsWith('keyturn.dev/') && key !== 'app.kubernetes.io/managed-by',
  );
  expect(foreign).toEqual([]);
});

test('pruned and restored: the Secret stays, and is taken up as it was', async () => {
  const scene = await Scene.start();
  const git = new Repository('kustomize-controller', scene.namespace, {
    rotation: { rotateAfter: scene.time() },
  });
  await git.sync();
  await scene.published('web', 1);
  const secret = await scene.secret('web');
  await admin.applications.delete({ namespace: scene.namespace, name: 'web' });
  await git.sync();
  await scene.published('web', 1);
  expect(clientSecrets(await scene.secret('web'))).toEqual(clientSecrets(secret));
});

test('a Secret that Git hands over: its labels are fought over by nobody', async () => {
  const scene = await Scene.start();
  const secret = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      namespace: scene.namespace,
      name: 'web',
      labels: { team: 'shop' },
      annotations: adoptBy('web'),
    },
  };
  const apply = async () => {
    const args = ['apply', '--server-side', '--force-conflicts', '--filename', '-'];
    const { code, stderr } = await cluster.kubectl([...args, '--field-manager=argocd-controller'], {
      input: JSON.stringify(secret),
    });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  };
  await admin.secrets.create({ ...secret, data: { 'client-secret': base64('from-before') } });
  await apply();
  await scene.create('web', { rotation: { rotateAfter: scene.time(HOUR) } });
  await scene.published('web', 1);
  expect(currentOf(await scene.secret('web'))).toBe('from-before');
  scene.clock.advance(HOUR);
  await scene.published('web', 2);
  const before = await scene.secret('web');
  const writes = await writesDuring(scene.handle, async () => {
    for (let count = 0; count < 5; count += 1) await apply();
    await looksAgain(scene, 'web');
  });
  expect(writes).toEqual({});
  expect((await scene.secret('web')).data).toEqual(before.data);
});
