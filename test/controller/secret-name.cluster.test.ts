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
import { eventsUntil, looksAgain, watchHistory } from './observe.ts';
import { base64, currentOf, issueAndRotate, rotate, whenCondition, whenEnded } from './steps.ts';

const gone = (scene: Scene, name: string) =>
  eventually(async () => expect(await scene.findSecret(name)).toBeUndefined());

test('secret.name changed: the values move, nothing rotates, the old Secret goes', async () => {
  const scene = await Scene.start();
  const { first, second } = await issueAndRotate(scene, 'web');
  const before = await scene.application('web');

  await scene.edit('web', { secret: { name: 'web-oidc' } });
  const after = await scene.published('web', 2);
  expect(after.status).toMatchObject({ secretName: 'web-oidc' });
  expect(after.status?.currentSecret).toEqual(before.status?.currentSecret);
  expect(after.status?.previousSecret).toEqual(before.status?.previousSecret);
  expect(clientSecrets(await scene.secret('web-oidc'))).toEqual({
    current: second,
    previous: first,
  });
  await gone(scene, 'web');
  scene.clock.advance(DAY);
  await whenEnded(scene, 'web', 'Expired');
  expect((await rotate(scene, 'web')).previous).toBe(second);
  const events = await eventsUntil(scene, 'web', 'PreviousSecretExpired');
  expect(events.map(({ reason }) => reason).slice(0, 5)).toEqual([
    'SecretIssued',
    'SecretRotated',
    'SecretMoved',
    'FormerSecretDeleted',
    'PreviousSecretExpired',
  ]);
});

test('secret.name changed: the new Secret is there before the old one goes', async () => {
  const scene = await Scene.start();
  const { second } = await issueAndRotate(scene, 'web');
  const history = await watchHistory(scene.namespace);
  await scene.edit('web', { secret: { name: 'web-oidc' } });
  await scene.published('web', 2);
  await gone(scene, 'web');

  await eventually(() => {
    const moments = history();
    const created = moments.findIndex(
      ({ kind, object }) => kind === 'secret' && object?.metadata.name === 'web-oidc',
    );
    const deleted = moments.findIndex(({ kind, object }) => kind === 'secret' && !object);
    expect(created).toBeGreaterThan(0);
    expect(deleted).toBeGreaterThan(created);
    const moment = moments[created];
    expect(moment?.kind === 'secret' && currentOf(moment.object)).toBe(second);
  });
});

test('secret.name changed there and back: the values come back', async () => {
  const scene = await Scene.start();
  const { first, second } = await issueAndRotate(scene, 'web');
  await scene.edit('web', { secret: { name: 'web-oidc' } });
  await scene.edit('web', { secret: { name: 'web' } });
  await scene.published('web', 2);
  await gone(scene, 'web-oidc');
  expect(clientSecrets(await scene.secret('web'))).toEqual({ current: second, previous: first });
});

test('secret.name changed back before the old Secret went: the values come back', async () => {
  const scene = await Scene.start();
  const { first, second } = await issueAndRotate(scene, 'web');
  const old = await scene.secret('web');
  await scene.edit('web', { secret: { name: 'web-oidc' } });
  await scene.published('web', 2);
  await gone(scene, 'web');

  // What a crash between the two writes leaves: both Secrets, and the new one names the old one.
  await scene.handle.stop();
  const { labels = {}, annotations = {} } = old.metadata;
  const metadata = { namespace: scene.namespace, name: 'web', labels, annotations };
  const copy = { data: old.data, metadata };
  await admin.secrets.create(copy);
  const moved = await scene.secret('web-oidc');
  const state: object = JSON.parse(moved.metadata.annotations?.['keyturn.dev/state'] ?? '');
  const movedFrom = JSON.stringify({ ...state, movedFrom: 'web' });
  await scene.tamper('web-oidc', { metadata: { annotations: { 'keyturn.dev/state': movedFrom } } });
  await scene.edit('web', { secret: { name: 'web' } });

  await startOperator({ namespaces: [scene.namespace], clock: scene.clock });
  await gone(scene, 'web-oidc');
  const application = await scene.published('web', 2);
  expect(application.status?.secretName).toBe('web');
  expect(clientSecrets(await scene.secret('web'))).toEqual({ current: second, previous: first });
});

test('secret.name and secret.keys changed at once', async () => {
  const scene = await Scene.start();
  const { first, second } = await issueAndRotate(scene, 'web');
  const keys = { clientSecret: 'previous-client-secret', previousClientSecret: 'client-secret' };
  await scene.edit('web', { secret: { name: 'web-oidc', keys } });
  await scene.published('web', 2);
  await gone(scene, 'web');
  expect(clientSecrets(await scene.secret('web-oidc'))).toEqual({
    current: first,
    previous: second,
  });
});

test("secret.name changed: somebody else's data in the old Secret stays, ours goes", async () => {
  const scene = await Scene.start();
  await issueAndRotate(scene, 'web', { secret: { labels: { 'example.com/ours': 'x' } } });
  await scene.tamper('web', {
    data: { 'ca.crt': base64('stays') },
    metadata: { labels: { 'example.com/theirs': 'y' } },
  });
  await scene.edit('web', { secret: { name: 'web-oidc' } });
  await scene.published('web', 2);

  await eventually(async () => {
    const { data, metadata } = await scene.secret('web');
    expect(data).toEqual({ 'ca.crt': base64('stays') });
    expect(metadata.labels).toEqual({ 'example.com/theirs': 'y' });
    expect(metadata.annotations).toBeUndefined();
  });
  await looksAgain(scene, 'web');
  expect(plainValue(await scene.secret('web'), 'ca.crt')).toBe('stays');
});

/** A copy of the backing Secret under another name, as a backup might restore it. */
async function restoreCopy(scene: Scene, name: string) {
  const { data, metadata } = await scene.secret('web');
  const { labels = {}, annotations = {} } = metadata;
  const copy = { data, metadata: { namespace: scene.namespace, name, labels, annotations } };
  return await admin.secrets.create(copy);
}

test('of two Secrets of the application the higher version wins, and the other is left alone', async () => {
  const scene = await Scene.start();
  await issueAndRotate(scene, 'web');
  const copy = await restoreCopy(scene, 'restored');
  const { current } = await rotateOn(scene);

  await looksAgain(scene, 'web');
  expect(await scene.secret('restored')).toEqual(copy);
  expect(currentOf(await scene.secret('web'))).toBe(current);
});

test('secret.name changed to an outdated copy: it is brought up to date, whatever its keys', async () => {
  const scene = await Scene.start();
  await issueAndRotate(scene, 'web');
  await restoreCopy(scene, 'restored');
  const { current } = await rotateOn(scene);
  await scene.edit('web', { revokePreviousSecret: true });
  await whenEnded(scene, 'web', 'Requested');

  await scene.edit('web', { secret: { name: 'restored', keys: { clientSecret: 'SECRET' } } });
  await scene.published('web', 3);
  await gone(scene, 'web');
  const secret = await scene.secret('restored');
  expect(plainValue(secret, 'SECRET')).toBe(current);
  expect(Object.keys(secret.data ?? {}).sort()).toEqual(['SECRET', 'client-id']);
});

async function rotateOn(scene: Scene) {
  await scene.edit('web', { revokePreviousSecret: true });
  await whenEnded(scene, 'web', 'Requested');
  await scene.edit('web', { revokePreviousSecret: false });
  return await rotate(scene, 'web');
}

test('secret.name changed to one offered for adoption: what to do is said, nothing is touched', async () => {
  const scene = await Scene.start();
  const { second } = await issueAndRotate(scene, 'web');
  const offer = {
    metadata: {
      namespace: scene.namespace,
      name: 'offered',
      annotations: { 'keyturn.dev/adopt-by': 'web' },
    },
    data: { 'client-secret': base64('another') },
  };
  const before = await admin.secrets.create(offer);
  await scene.edit('web', { secret: { name: 'offered' } });
  const stalled = await whenCondition(scene, 'web', 'Stalled', { reason: 'SecretConflict' });
  expect(conditionOf(stalled, 'Stalled')?.message).toContain('Secret web');
  expect(await scene.secret('offered')).toEqual(before);
  expect(currentOf(await scene.secret('web'))).toBe(second);
});

test('secret.name changed, and no labels on the Secret any more: the values move all the same', async () => {
  const scene = await Scene.start();
  const { first, second } = await issueAndRotate(scene, 'web');
  // So that the labels are not put back before.
  await scene.edit('web', { suspend: true });
  await whenCondition(scene, 'web', 'Ready', { reason: 'Suspended' });
  await scene.tamper('web', {
    metadata: {
      labels: { 'app.kubernetes.io/managed-by': null, 'keyturn.dev/application': null },
    },
  });
  await looksAgain(scene, 'web');

  await scene.edit('web', { suspend: false, secret: { name: 'web-oidc' } });
  const after = await scene.published('web', 2);
  expect(after.status).toMatchObject({ secretName: 'web-oidc' });
  expect(clientSecrets(await scene.secret('web-oidc'))).toEqual({
    current: second,
    previous: first,
  });
  await gone(scene, 'web');
});
