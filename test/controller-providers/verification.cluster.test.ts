import { expect, test } from 'vitest';
import { conditionOf, MINUTE, type Scene } from '../controller/harness.ts';
import { eventsUntil, expectTruthfulHistory, watchHistory } from '../controller/observe.ts';
import { whenCondition, whenEnded } from '../controller/steps.ts';
import { eventually } from '../setup/cluster.ts';
import { ACCEPTED, REJECTED, Stage } from './stage.ts';

/** Lets time pass until `expectation` holds: what is tried again has growing pauses. */
async function inTime(scene: Scene, expectation: () => Promise<unknown>): Promise<void> {
  await eventually(async () => {
    scene.clock.advance(MINUTE);
    await expectation();
  });
}

test('a provider that says revoked and goes on accepting: never told to be revoked', async () => {
  const stage = await Stage.start();
  const { scene, pingone } = stage;
  const { first, second } = await stage.publishAndRotate('web');
  const history = await watchHistory(scene.namespace);
  pingone.letRevokedLinger(true);
  await scene.edit('web', { revokePreviousSecret: true });

  const pending = { status: 'True', reason: 'RevocationPending' };
  await whenCondition(scene, 'web', 'PreviousSecretRetained', pending);
  expect(stage.secretsOf('web').previous).toBeUndefined();
  // It is asked again and again, and the answer stays the same.
  const told = (await scene.application('web')).status;
  const asked = pingone.requests.length;
  await inTime(scene, async () => expect(pingone.requests.length).toBeGreaterThan(asked + 20));
  const { status } = await whenCondition(scene, 'web', 'PreviousSecretRetained', pending);
  expect(status).toEqual(told);
  expect(status?.lastRevocation).toMatchObject({ version: 1, verified: 'StillAccepted' });
  expect(status?.previousSecret).toMatchObject({ version: 1 });
  expect(conditionOf(await scene.application('web'), 'Ready')).toMatchObject({
    status: 'False',
    reason: 'RevocationPending',
  });
  expect(await stage.published('web')).toEqual({ current: second, previous: first });
  expect(await stage.signIn('web', first)).toBe(ACCEPTED);

  pingone.letRevokedLinger(false);
  await inTime(scene, async () => expect((await stage.published('web')).previous).toBeUndefined());
  const ended = await whenEnded(scene, 'web', 'Requested');
  expect(ended.status?.lastRevocation?.verified).toBe('Verified');
  expect(stage.changes('web')).toEqual({ POST: 1, DELETE: 1 });
  expectTruthfulHistory(history());
});

test('a provider that goes on accepting what was replaced without being retained', async () => {
  const stage = await Stage.start();
  const { scene, pingone } = stage;
  const first = await stage.publish('web');
  pingone.letRevokedLinger(true);
  await scene.edit('web', { revokeIssuedBefore: scene.time() });
  await whenCondition(scene, 'web', 'PreviousSecretRetained', {
    status: 'True',
    reason: 'RevocationPending',
  });
  // Consumers have the new one meanwhile.
  expect(await stage.published('web')).toEqual({
    current: stage.secretsOf('web').current,
    previous: first,
  });

  pingone.letRevokedLinger(false);
  await inTime(scene, async () => expect((await stage.published('web')).previous).toBeUndefined());
  const { status } = await whenEnded(scene, 'web', 'IssuedBefore');
  expect(status?.lastRevocation).toMatchObject({ version: 1, verified: 'Verified' });
  expect(await stage.signIn('web', first)).toBe(REJECTED);
});

test('a token endpoint that does not tell: unverifiable, and why', async () => {
  const stage = await Stage.start();
  await stage.create('web', {}, { tokenEndpointAuthMethod: 'CLIENT_SECRET_JWT' });
  await stage.scene.published('web', 1);
  await stage.scene.edit('web', { rotation: { rotateAfter: stage.scene.time() } });
  await stage.scene.published('web', 2);
  await stage.scene.edit('web', { revokePreviousSecret: true });
  const { status } = await whenEnded(stage.scene, 'web', 'Requested');
  expect(status?.lastRevocation).toMatchObject({ verified: 'Unverifiable' });
  expect(status?.lastRevocation?.verificationMessage).toMatch(/otherwise than a made-up secret/);
});

test('a token endpoint that gives no answer for a while is asked again', async () => {
  const stage = await Stage.start();
  const { scene, pingone } = stage;
  await stage.publishAndRotate('web');
  pingone.faults.arm({ server: 'auth', method: 'POST' }, { kind: 'drop', when: 'before' }, 2);
  await scene.edit('web', { revokePreviousSecret: true });
  await inTime(scene, async () => expect((await stage.published('web')).previous).toBeUndefined());
  const { status } = await whenEnded(scene, 'web', 'Requested');
  expect(status?.lastRevocation?.verified).toBe('Verified');
});

test('a token endpoint that never answers: unverifiable in the end', async () => {
  const stage = await Stage.start();
  const { scene, pingone } = stage;
  await stage.publishAndRotate('web');
  pingone.faults.arm({ server: 'auth', method: 'POST' }, { kind: 'drop', when: 'before' }, 1000);
  await scene.edit('web', { revokePreviousSecret: true });
  await inTime(scene, async () => expect((await stage.published('web')).previous).toBeUndefined());
  const { status } = await whenEnded(scene, 'web', 'Requested');
  expect(status?.lastRevocation?.verified).toBe('Unverifiable');
});

test('verifyRevocation: false: nobody is asked', async () => {
  const stage = await Stage.start();
  const { first } = await stage.publishAndRotate('web', { verifyRevocation: false });
  stage.pingone.letRevokedLinger(true);
  await stage.scene.edit('web', { revokePreviousSecret: true });
  const { status } = await whenEnded(stage.scene, 'web', 'Requested');
  expect(status?.lastRevocation).not.toHaveProperty('verified');
  expect(await stage.signIn('web', first)).toBe(ACCEPTED);
});

test('a new secret is published once the provider accepts it, the old one untouched meanwhile', async () => {
  const stage = await Stage.start();
  const { scene, pingone } = stage;
  const first = await stage.publish('web');
  pingone.letNewLag(true);
  await scene.edit('web', { rotation: { rotateAfter: scene.time() } });
  await whenCondition(scene, 'web', 'Ready', { status: 'False', reason: 'RotationPending' });
  expect(await stage.published('web')).toEqual({ current: first, previous: undefined });
  expect(await stage.signIn('web', first)).toBe(ACCEPTED);

  pingone.letNewLag(false);
  scene.clock.advance(10_000);
  await scene.published('web', 2);
  await stage.mirrors('web');
  expect(stage.changes('web')).toEqual({ POST: 1 });
});

test('a new secret that is not accepted within 2 minutes is published all the same', async () => {
  const stage = await Stage.start();
  const { scene, pingone } = stage;
  await stage.publish('web');
  pingone.letNewLag(true);
  await scene.edit('web', { rotation: { rotateAfter: scene.time() } });
  await whenCondition(scene, 'web', 'Ready', { status: 'False', reason: 'RotationPending' });
  scene.clock.advance(2 * MINUTE);
  await scene.published('web', 2);
  await stage.mirrors('web');
  await eventsUntil(scene, 'web', 'NewSecretNotAccepted');
});
