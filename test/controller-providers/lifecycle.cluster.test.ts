import { isDeepStrictEqual } from 'node:util';
import { expect, test } from 'vitest';
import { clientSecrets, conditionOf, HOUR, MINUTE } from '../controller/harness.ts';
import { watchHistory, writesDuring, writesOf } from '../controller/observe.ts';
import { whenCondition, whenEnded } from '../controller/steps.ts';
import { eventually } from '../setup/cluster.ts';
import { ACCEPTED, REJECTED, Stage } from './stage.ts';

test('a client is published as it is: nothing is rotated', async () => {
  const stage = await Stage.start();
  const secret = await stage.publish('web');

  expect(await stage.published('web')).toEqual({ current: secret, previous: undefined });
  expect(stage.changes('web')).toEqual({});
  expect(await writesOf(stage.scene.handle)).toMatchObject({
    'POST secrets': 1,
    'PATCH oidcapplications/status': 1,
  });
});

test('rotate, retain, revoke: each at the provider first, and what it says is proved', async () => {
  const stage = await Stage.start();
  const { first, second } = await stage.publishAndRotate('web', {
    rotation: { retainPreviousFor: '2h' },
  });
  expect(second).not.toBe(first);
  expect(await stage.published('web')).toEqual({ current: second, previous: first });
  expect([await stage.signIn('web', first), await stage.signIn('web', second)]).toEqual([
    ACCEPTED,
    ACCEPTED,
  ]);
  const retained = await stage.scene.application('web');
  expect(conditionOf(retained, 'PreviousSecretRetained')).toMatchObject({ reason: 'Retained' });

  await stage.scene.edit('web', { revokePreviousSecret: true });
  const { status } = await whenEnded(stage.scene, 'web', 'Requested');
  expect(status?.lastRevocation).toMatchObject({ version: 1, verified: 'Verified' });
  expect([await stage.signIn('web', first), await stage.signIn('web', second)]).toEqual([
    REJECTED,
    ACCEPTED,
  ]);
  expect(await stage.published('web')).toEqual({ current: second, previous: undefined });
  expect(stage.changes('web')).toEqual({ POST: 1, DELETE: 1 });
});

test('a rotation takes three writes: the intent, the Secret, status', async () => {
  const stage = await Stage.start();
  await stage.publish('web');
  const writes = await writesDuring(stage.scene.handle, async () => {
    await stage.scene.edit('web', { rotation: { rotateAfter: stage.scene.time() } });
    await stage.scene.published('web', 2);
  });
  expect(writes).toEqual({ 'PATCH secrets': 2, 'PATCH oidcapplications/status': 1 });
});

test('who looks at the data of a Secret sees two changes: the rotation, and the end of the previous key', async () => {
  const stage = await Stage.start();
  const first = await stage.publish('web');
  const history = await watchHistory(stage.scene.namespace);
  await stage.scene.edit('web', { rotation: { rotateAfter: stage.scene.time() } });
  await stage.scene.published('web', 2);
  await stage.scene.edit('web', { revokePreviousSecret: true });
  await whenEnded(stage.scene, 'web', 'Requested');

  const second = stage.secretsOf('web').current;
  await eventually(() => {
    const seen = history().flatMap((moment) =>
      moment.kind === 'secret' && moment.object?.metadata.name === 'web'
        ? [clientSecrets(moment.object)]
        : [],
    );
    const changes = seen.filter((data, index) => !isDeepStrictEqual(data, seen[index - 1]));
    expect(changes).toEqual([
      { current: first, previous: undefined },
      { current: second, previous: first },
      { current: second, previous: undefined },
    ]);
  });
});

test('expiry: what the provider ends by itself is told to have expired', async () => {
  const stage = await Stage.start();
  const { second } = await stage.publishAndRotate('web', { rotation: { retainPreviousFor: '1h' } });
  stage.scene.clock.advance(HOUR + MINUTE);
  const { status } = await whenEnded(stage.scene, 'web', 'Expired');
  expect(status?.lastRevocation?.verified).toBe('Verified');
  expect(await stage.published('web')).toEqual({ current: second, previous: undefined });
});

test('retainPreviousFor: 0s: the old secret ends with the rotation', async () => {
  const stage = await Stage.start();
  const { first } = await stage.publishAndRotate('web', { rotation: { retainPreviousFor: '0s' } });
  const { status } = await whenEnded(stage.scene, 'web', 'NotRetained');
  expect(status?.lastRevocation?.verified).toBe('Verified');
  expect(await stage.signIn('web', first)).toBe(REJECTED);
  expect(stage.changes('web')).toEqual({ POST: 1 });
});

test('revokeIssuedBefore: both secrets end, and a new one is published', async () => {
  const stage = await Stage.start();
  const { first, second } = await stage.publishAndRotate('web');
  await stage.scene.edit('web', { revokeIssuedBefore: stage.scene.time() });
  const { status } = await stage.scene.published('web', 3);
  expect(status?.lastRevocation).toMatchObject({ version: 2, reason: 'IssuedBefore' });
  expect(await stage.signIn('web', first)).toBe(REJECTED);
  expect(await stage.signIn('web', second)).toBe(REJECTED);
  expect(stage.changes('web')).toEqual({ POST: 2, DELETE: 1 });
});

test('the issuer is published under the key that spec gives it', async () => {
  const stage = await Stage.start();
  await stage.publish('web', { secret: { keys: { issuer: 'issuer-uri' } } });
  const { data } = await stage.scene.secret('web');
  const issuer = Buffer.from(data?.['issuer-uri'] ?? '', 'base64').toString('utf8');
  expect(issuer).toBe(`${stage.pingone.authURL}/${stage.pingone.environmentID}/as`);

  await stage.scene.edit('web', { secret: { keys: { issuer: null } } });
  await whenCondition(stage.scene, 'web', 'Ready', { status: 'True' });
  expect((await stage.scene.secret('web')).data).not.toHaveProperty('issuer-uri');
});

test('when a previous secret was last used is told', async () => {
  const stage = await Stage.start({}, { resyncInterval: '1m' });
  const { first } = await stage.publishAndRotate('web');
  expect((await stage.scene.application('web')).status?.previousSecret).not.toHaveProperty(
    'lastUsedAt',
  );
  expect(stage.secretsOf('web').previous?.lastUsed).toBeUndefined();
  await stage.signIn('web', first);
  stage.scene.clock.advance(2 * MINUTE);
  const used = stage.secretsOf('web').previous?.lastUsed ?? 0;
  await stage.scene.reaches('web', ({ status }) =>
    expect(status?.previousSecret?.lastUsedAt).toBe(new Date(used).toISOString()),
  );
});
