import { expect, test } from 'vitest';
import { admin, clientSecrets, conditionOf, HOUR } from '../controller/harness.ts';
import { isWatch } from '../fault-proxy/request.ts';
import { Stage } from './stage.ts';

/** An application whose secret was rotated, so that one is retained for 2 hours. */
async function stageWithRetained(spec = {}): Promise<Stage> {
  const stage = await Stage.start();
  await stage.create('web', { rotation: { retainPreviousFor: '2h' }, ...spec });
  await stage.published('web', 1);
  await stage.edit('web', { rotation: { rotateAfter: stage.time() } });
  await stage.published('web', 2);
  return stage;
}

test('watches that are cut: what happened meanwhile is done once they are back, and once only', async () => {
  const stage = await stageWithRetained();
  const before = clientSecrets(await stage.secret('web'));
  const back = Promise.withResolvers<void>();
  stage.proxy.intercept({
    async onRequest(request) {
      if (isWatch(request)) await back.promise;
    },
  });
  const changes = stage.collectChanges();
  const watches = ['oidcapplications', 'oidcproviders', 'secrets'];
  expect(stage.proxy.cut(isWatch)).toBe(watches.length);
  await stage.edit('web', { revokePreviousSecret: true });
  back.resolve();

  await stage.reaches('web', (application) =>
    expect(conditionOf(application, 'PreviousSecretRetained')?.reason).toBe('Revoked'),
  );
  await stage.lookedAtAgain('web');
  expect(clientSecrets(await stage.secret('web'))).toEqual({
    current: before.current,
    previous: undefined,
  });
  expect(changes.map(({ what }) => what)).toEqual([
    'PATCH secrets',
    'PATCH oidcapplications/status',
  ]);
});

test('watches that are cut right after a write: it is not made again', async () => {
  const stage = await Stage.start();
  await stage.create('web');
  await stage.published('web', 1);
  const changes = stage.collectChanges();
  stage.proxy.intercept({
    onAnswer({ method, path }) {
      if (method === 'PATCH' && path.endsWith('/secrets/web')) stage.proxy.cut(isWatch);
      return undefined;
    },
  });
  await stage.edit('web', { rotation: { rotateAfter: stage.time() } });
  await stage.published('web', 2);
  await stage.lookedAtAgain('web');
  expect(changes.map(({ what }) => what)).toEqual([
    'PATCH secrets',
    'PATCH oidcapplications/status',
  ]);

  await stage.edit('web', { revokePreviousSecret: true });
  await stage.reaches('web', ({ status }) => expect(status?.previousSecret).toBeUndefined());
});

test('Retain: an application deleted and created again while the operator is down keeps its secrets', async () => {
  const stage = await stageWithRetained();
  const { metadata, spec } = await stage.application('web');
  const before = await stage.secret('web');
  await stage.down();
  await admin.applications.delete({ namespace: stage.namespace, name: 'web' });
  const again = await stage.create('web', spec);
  expect(again.metadata.uid).not.toBe(metadata.uid);

  const changes = stage.collectChanges();
  await stage.up();
  const published = await stage.published('web', 2);
  expect(published.status?.previousSecret?.version).toBe(1);
  await stage.lookedAtAgain('web');
  expect(await stage.secret('web')).toEqual(before);
  expect(changes).toEqual([{ what: 'PATCH oidcapplications/status', object: 'web' }]);
});

test('Delete: an application deleted and created again while the operator is down starts anew', async () => {
  const stage = await stageWithRetained({ deletionPolicy: 'Delete' });
  const { spec } = await stage.application('web');
  const former = await stage.secret('web');
  await stage.down();
  await admin.applications.delete({ namespace: stage.namespace, name: 'web' });
  const { rotation: _, ...rest } = spec;
  const { metadata } = await stage.create('web', rest);

  await stage.up();
  await stage.reaches('web', ({ status }) => expect(status).toBeDefined());
  // The garbage collector does so too, but takes up to 30 s to notice a new kind of owner.
  const { name, namespace, uid } = former.metadata;
  await admin.secrets.delete({ name, namespace }, { uid }).catch(() => undefined);
  await stage.published('web', 1);
  const secret = await stage.secret('web');
  expect(secret.metadata.ownerReferences?.map(({ uid }) => uid)).toEqual([metadata.uid]);
  const before = clientSecrets(former);
  const after = clientSecrets(secret);
  expect(after.previous).toBeUndefined();
  expect([before.current, before.previous]).not.toContain(after.current);
});

test.for([['runs'], ['is down']])(
  'status deleted by hand while the operator %s: it is written again, and nothing happens twice',
  async ([state]) => {
    const stage = await stageWithRetained();
    await stage.edit('web', { revokeRetiredBefore: stage.time(-HOUR) });
    const before = await stage.published('web', 2);
    const secret = await stage.secret('web');
    const changes = stage.collectChanges();

    if (state === 'is down') await stage.down();
    await admin.applications.mergePatch(
      before.metadata,
      { status: null },
      { subresource: 'status' },
    );
    if (state === 'is down') await stage.up();

    const after = await stage.published('web', 2);
    await stage.lookedAtAgain('web');
    const timeless = (application: typeof before) => ({
      ...application.status,
      conditions: application.status?.conditions?.map(({ lastTransitionTime: _, ...rest }) => rest),
    });
    expect(timeless(after)).toEqual(timeless(before));
    expect(await stage.secret('web')).toEqual(secret);
    expect(changes).toEqual([{ what: 'PATCH oidcapplications/status', object: 'web' }]);
  },
);

test('status deleted by hand, and the Secret too: the version goes on from 1 with a new value', async () => {
  const stage = await stageWithRetained();
  const before = clientSecrets(await stage.secret('web'));
  await stage.down();
  await admin.applications.mergePatch(
    { namespace: stage.namespace, name: 'web' },
    { status: null },
    { subresource: 'status' },
  );
  await admin.secrets.delete({ namespace: stage.namespace, name: 'web' });
  await stage.up();
  await stage.published('web', 1);
  const after = clientSecrets(await stage.secret('web'));
  expect([before.current, before.previous]).not.toContain(after.current);
});
