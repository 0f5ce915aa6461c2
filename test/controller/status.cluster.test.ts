import { expect, test } from 'vitest';
import { eventually } from '../setup/cluster.ts';
import { conditionOf, DAY, HOUR, Scene } from './harness.ts';
import { kubectl, looksAgain, metricReaches } from './observe.ts';
import { issue, issueAndRotate, rotate, whenCondition, whenEnded } from './steps.ts';

test('status tells of the current, the previous and the last ended secret, as the Secret does', async () => {
  const scene = await Scene.start();
  await issueAndRotate(scene, 'web', { clientID: 'web-shop', secret: { name: 'web-oidc' } });
  await scene.edit('web', { revokeRetiredBefore: scene.time() });
  await whenEnded(scene, 'web', 'RetiredBefore');
  await scene.edit('web', { rotation: { every: '720h' } });
  await rotate(scene, 'web');

  const { status, metadata } = await scene.published('web', 3);
  const { annotations } = (await scene.secret('web-oidc')).metadata;
  const current = status?.currentSecret;
  const previous = status?.previousSecret;
  expect(annotations).toMatchObject({
    'keyturn.dev/application': 'web',
    'keyturn.dev/secret-version': '3',
    'keyturn.dev/issued-at': current?.issuedAt,
    'keyturn.dev/previous-version': '2',
    'keyturn.dev/previous-issued-at': previous?.issuedAt,
    'keyturn.dev/previous-retired-at': previous?.retiredAt,
    'keyturn.dev/previous-expires-at': previous?.expiresAt,
  });
  const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  expect(status).toEqual({
    observedGeneration: metadata.generation,
    clientID: 'web-shop',
    secretName: 'web-oidc',
    currentSecret: { version: 3, issuedAt: time },
    previousSecret: { version: 2, issuedAt: time, retiredAt: time, expiresAt: time },
    lastRevocation: { version: 1, time, reason: 'RetiredBefore' },
    nextRotationTime: time,
    conditions: expect.anything(),
  });
});

test('the annotations of a previous secret go with it', async () => {
  const scene = await Scene.start();
  await issueAndRotate(scene, 'web');
  await scene.edit('web', { revokePreviousSecret: true });
  await whenEnded(scene, 'web', 'Requested');
  const { annotations = {} } = (await scene.secret('web')).metadata;
  expect(Object.keys(annotations).sort()).toEqual([
    'keyturn.dev/application',
    'keyturn.dev/issued-at',
    'keyturn.dev/secret-version',
    'keyturn.dev/state',
  ]);
});

test('clientID is <namespace>.<name> by default', async () => {
  const scene = await Scene.start();
  await issue(scene, 'web');
  const { status } = await scene.application('web');
  expect(status?.clientID).toBe(`${scene.namespace}.web`);
});

/** The lines of a kubectl table as cells; columns are at least three spaces apart. */
async function table(scene: Scene, ...args: readonly string[]): Promise<string[][]> {
  const printed = await kubectl(scene, 'get', 'oidcapp', ...args);
  const lines = printed.trim().split('\n');
  return lines.map((line) => line.trim().split(/ {3,}/));
}

test('kubectl get shows Ready, Version, Previous Expires, Next Rotation and Age', async () => {
  const scene = await Scene.start();
  await issueAndRotate(scene, 'web', { clientID: 'web-shop', rotation: { every: '720h' } });
  const { status } = await scene.published('web', 2);
  const expires = status?.previousSecret?.expiresAt;
  const next = status?.nextRotationTime;
  const age = expect.stringMatching(/^\d+s$/);
  expect(await table(scene)).toEqual([
    ['NAME', 'READY', 'VERSION', 'PREVIOUS EXPIRES', 'NEXT ROTATION', 'AGE'],
    ['web', 'True', '2', expires, next, age],
  ]);
  const [titles, row] = await table(scene, '-o', 'wide');
  expect(titles?.slice(5)).toEqual(['AGE', 'CLIENT ID', 'SECRET', 'PROVIDER', 'REASON']);
  expect(row).toEqual(['web', 'True', '2', expires, next, age, 'web-shop', 'web', 'Published']);
});

test('status is disposable: deleted by hand it is written again, and nothing else happens', async () => {
  const scene = await Scene.start();
  await issueAndRotate(scene, 'web', { rotation: { every: '720h' } });
  await scene.edit('web', { revokePreviousSecret: true });
  const before = await whenEnded(scene, 'web', 'Requested');
  const { resourceVersion } = (await scene.secret('web')).metadata;

  await kubectl(
    scene,
    ...['patch', 'oidcapp/web', '--subresource=status', '--type=merge', '-p', '{"status":null}'],
  );
  const after = await scene.published('web', 2);
  const withoutTimes = (each: typeof after) => ({
    ...each.status,
    conditions: each.status?.conditions?.map(({ lastTransitionTime: _, ...rest }) => rest),
  });
  expect(withoutTimes(after)).toEqual(withoutTimes(before));
  expect((await scene.secret('web')).metadata.resourceVersion).toBe(resourceVersion);
});

test('status that somebody falsified is put right', async () => {
  const scene = await Scene.start();
  await issue(scene, 'web');
  const false_ = '{"status":{"currentSecret":{"version":9},"clientID":"another"}}';
  await kubectl(
    scene,
    ...['patch', 'oidcapp/web', '--subresource=status', '--type=merge', '-p', false_],
  );
  await eventually(async () => {
    const { status } = await scene.application('web');
    expect(status?.currentSecret?.version).toBe(1);
    expect(status?.clientID).toBe(`${scene.namespace}.web`);
  });
});

test('nextRotationTime is the earlier of rotateAfter and every, never before a retained one ends', async () => {
  const scene = await Scene.start();
  await issue(scene, 'web', { rotation: { every: '720h' } });
  const rotateAfter = scene.time(30 * HOUR);
  await scene.edit('web', { rotation: { rotateAfter } });
  expect((await scene.published('web', 1)).status?.nextRotationTime).toBe(rotateAfter);

  await rotate(scene, 'web');
  const soon = scene.time(HOUR);
  await scene.edit('web', { rotation: { rotateAfter: soon } });
  const { status } = await scene.published('web', 2);
  expect(status?.nextRotationTime).toBe(status?.previousSecret?.expiresAt);
});

test('a Secret that cannot be read back: status keeps the versions it knew, and what is overdue is told', async () => {
  const scene = await Scene.start();
  await issueAndRotate(scene, 'web', { rotation: { every: '720h' } });
  const { status } = await scene.application('web');
  const annotations = { 'keyturn.dev/state': 'x' };
  await scene.tamper('web', { metadata: { annotations } });
  const stalled = await whenCondition(scene, 'web', 'Stalled', { reason: 'SecretMalformed' });
  expect(stalled.status).toMatchObject({
    currentSecret: { version: 2 },
    previousSecret: { version: 1 },
    nextRotationTime: status?.nextRotationTime,
  });
  await looksAgain(scene, 'web');
  expect(conditionOf(await scene.application('web'), 'Stalled')?.status).toBe('True');
  await scene.edit('web', { revokePreviousSecret: true });
  await metricReaches(scene.handle, 'keyturn_revocations_overdue', 1);
  scene.clock.advance(30 * DAY);
  await metricReaches(scene.handle, 'keyturn_rotations_overdue', 1);

  await scene.edit('web', { rotation: { every: null } });
  await scene.reaches('web', (each) => expect(each.status?.nextRotationTime).toBeUndefined());
});
