import { expect, test } from 'vitest';
import { eventually } from '../setup/cluster.ts';
import { conditionOf, DAY, plainValue, Scene } from './harness.ts';
import { looksAgain, watchHistory, writesDuring } from './observe.ts';
import { base64, issueAndRotate, whenCondition, whenEnded } from './steps.ts';

const KEYS = { clientID: 'CLIENT_ID', clientSecret: 'CLIENT_SECRET', previousClientSecret: 'OLD' };

/** All values of the backing Secret by key, in clear. */
async function values(scene: Scene): Promise<Record<string, string | undefined>> {
  const secret = await scene.secret('web');
  const keys = Object.keys(secret.data ?? {});
  return Object.fromEntries(keys.map((key) => [key, plainValue(secret, key)]));
}

async function withTwoSecrets() {
  const scene = await Scene.start();
  const secrets = await issueAndRotate(scene, 'web', { clientID: 'web-shop' });
  return { scene, ...secrets };
}

test('secret.keys changed: the values move in one write, nothing rotates', async () => {
  const { scene, first, second } = await withTwoSecrets();
  const before = await scene.application('web');
  const writes = await writesDuring(scene.handle, async () => {
    await scene.edit('web', { secret: { keys: KEYS } });
    await scene.published('web', 2);
  });
  expect(writes).toEqual({ 'PATCH secrets': 1, 'PATCH oidcapplications/status': 1 });
  expect(await values(scene)).toEqual({
    CLIENT_ID: 'web-shop',
    CLIENT_SECRET: second,
    OLD: first,
  });
  const after = await scene.application('web');
  expect(after.status?.currentSecret).toEqual(before.status?.currentSecret);
  expect(after.status?.previousSecret).toEqual(before.status?.previousSecret);

  scene.clock.advance(DAY);
  await whenEnded(scene, 'web', 'Expired');
  expect(await values(scene)).toEqual({ CLIENT_ID: 'web-shop', CLIENT_SECRET: second });
});

test('secret.keys changed: at no moment is the value missing under both keys', async () => {
  const { scene, second } = await withTwoSecrets();
  const history = await watchHistory(scene.namespace);
  await scene.edit('web', { secret: { keys: KEYS } });
  await scene.published('web', 2);
  await scene.edit('web', { secret: { keys: { clientSecret: 'client-secret' } } });
  await scene.published('web', 2);
  await eventually(() => {
    const seen = history().filter(({ kind }) => kind === 'secret');
    expect(seen).toHaveLength(3);
    for (const moment of seen) {
      if (moment.kind !== 'secret') continue;
      const { object } = moment;
      const found = ['client-secret', 'CLIENT_SECRET'].map((key) => plainValue(object, key));
      expect(found).toContain(second);
    }
  });
});

test('secret.keys: names that swap places swap their values', async () => {
  const { scene, first, second } = await withTwoSecrets();
  const keys = { clientSecret: 'previous-client-secret', previousClientSecret: 'client-secret' };
  await scene.edit('web', { secret: { keys } });
  await scene.published('web', 2);
  expect(await values(scene)).toEqual({
    'client-id': 'web-shop',
    'previous-client-secret': second,
    'client-secret': first,
  });
});

test('secret.keys: names that move round in a circle move their values', async () => {
  const { scene, first, second } = await withTwoSecrets();
  const keys = {
    clientID: 'client-secret',
    clientSecret: 'previous-client-secret',
    previousClientSecret: 'client-id',
  };
  await scene.edit('web', { secret: { keys } });
  await scene.published('web', 2);
  expect(await values(scene)).toEqual({
    'client-secret': 'web-shop',
    'previous-client-secret': second,
    'client-id': first,
  });
});

test('secret.keys changed while the application was suspended: moved when it goes on', async () => {
  const { scene, second } = await withTwoSecrets();
  await scene.edit('web', { suspend: true, secret: { keys: KEYS } });
  await whenCondition(scene, 'web', 'Ready', { reason: 'Suspended' });
  expect(await values(scene)).toMatchObject({ 'client-secret': second });
  await scene.edit('web', { suspend: false });
  await whenCondition(scene, 'web', 'Ready', { reason: 'Published' });
  expect(await values(scene)).toMatchObject({ CLIENT_SECRET: second });
});

test("secret.keys: a new key that holds somebody else's data is a conflict, the rest goes on", async () => {
  const { scene, first, second } = await withTwoSecrets();
  await scene.tamper('web', { data: { CLIENT_SECRET: base64('of-somebody-else') } });
  await scene.edit('web', { secret: { keys: KEYS } });

  const stalled = await whenCondition(scene, 'web', 'Stalled', { reason: 'SecretConflict' });
  expect(conditionOf(stalled, 'Stalled')?.message).toContain('CLIENT_SECRET');
  expect(conditionOf(stalled, 'Stalled')?.message).not.toContain('of-somebody-else');
  const others = { 'client-id': 'web-shop', CLIENT_SECRET: 'of-somebody-else' };
  expect(await values(scene)).toEqual({
    ...others,
    'client-secret': second,
    'previous-client-secret': first,
  });

  await scene.edit('web', { revokePreviousSecret: true });
  await whenEnded(scene, 'web', 'Requested');
  expect(await values(scene)).toEqual({ ...others, 'client-secret': second });

  await scene.edit('web', { revokePreviousSecret: false });
  await scene.edit('web', { rotation: { rotateAfter: scene.time() } });
  await scene.reaches('web', ({ status }) => expect(status?.currentSecret?.version).toBe(3));
  expect(await values(scene)).toMatchObject({ ...others, 'previous-client-secret': second });

  await scene.tamper('web', { data: { CLIENT_SECRET: null } });
  const recovered = await scene.published('web', 3);
  expect(conditionOf(recovered, 'Stalled')).toBeUndefined();
  expect(await values(scene)).toMatchObject({ OLD: second });
});

test('foreign data keys stay through everything', async () => {
  const { scene } = await withTwoSecrets();
  await scene.tamper('web', { data: { 'ca.crt': base64('stays') } });
  await scene.edit('web', { secret: { keys: KEYS }, revokePreviousSecret: true });
  await whenEnded(scene, 'web', 'Requested');
  await scene.edit('web', { revokeIssuedBefore: scene.time() });
  await scene.published('web', 3);
  await looksAgain(scene, 'web');
  expect(await values(scene)).toMatchObject({ 'ca.crt': 'stays' });
});
