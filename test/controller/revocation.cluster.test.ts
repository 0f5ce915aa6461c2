import { expect, test } from 'vitest';
import { clientSecrets, conditionOf, HOUR, MINUTE, Scene } from './harness.ts';
import { looksAgain } from './observe.ts';
import { issue, issueAndRotate, rotate, whenEnded } from './steps.ts';

test('revokePreviousSecret: true: no previous secret is valid, the current one stays', async () => {
  const scene = await Scene.start();
  const { second } = await issueAndRotate(scene, 'web');

  await scene.edit('web', { revokePreviousSecret: true });
  const revoked = await whenEnded(scene, 'web', 'Requested');
  expect(clientSecrets(await scene.secret('web'))).toEqual({
    current: second,
    previous: undefined,
  });
  expect(conditionOf(revoked, 'PreviousSecretRetained')).toMatchObject({
    status: 'False',
    reason: 'Revoked',
  });
  expect(conditionOf(revoked, 'Ready')?.status).toBe('True');
  expect(revoked.status?.lastRevocation).toMatchObject({ version: 1, reason: 'Requested' });
});

test('revokePreviousSecret: true without a previous secret does nothing', async () => {
  const scene = await Scene.start();
  const first = await issue(scene, 'web', { revokePreviousSecret: true });
  await looksAgain(scene, 'web');
  const application = await scene.published('web', 1);
  expect(clientSecrets(await scene.secret('web'))).toEqual({ current: first, previous: undefined });
  expect(conditionOf(application, 'PreviousSecretRetained')?.reason).toBe('NeverRotated');
});

test('revokeRetiredBefore: ends what was replaced before, and never what is replaced later', async () => {
  const scene = await Scene.start();
  const { second } = await issueAndRotate(scene, 'web');

  await scene.edit('web', { revokeRetiredBefore: scene.time() });
  const revoked = await whenEnded(scene, 'web', 'RetiredBefore');
  expect(clientSecrets(await scene.secret('web'))).toEqual({
    current: second,
    previous: undefined,
  });
  expect(conditionOf(revoked, 'PreviousSecretRetained')?.reason).toBe('Revoked');

  // The statement stays in Git.
  expect((await rotate(scene, 'web')).previous).toBe(second);
  await looksAgain(scene, 'web');
  expect(clientSecrets(await scene.secret('web')).previous).toBe(second);
});

test('revokeRetiredBefore: a time before the rotation leaves the retained secret alone', async () => {
  const scene = await Scene.start();
  const before = scene.time();
  const { first } = await issueAndRotate(scene, 'web');
  await scene.edit('web', { revokeRetiredBefore: before });
  await scene.published('web', 2);
  await looksAgain(scene, 'web');
  expect(clientSecrets(await scene.secret('web')).previous).toBe(first);
});

test('revokeRetiredBefore: a time up to 5 minutes ahead ends nothing that is replaced after it was set', async () => {
  const scene = await Scene.start();
  const { second } = await issueAndRotate(scene, 'web');
  await scene.edit('web', { revokeRetiredBefore: scene.time(4 * MINUTE) });
  await whenEnded(scene, 'web', 'RetiredBefore');

  expect((await rotate(scene, 'web')).previous).toBe(second);
  await looksAgain(scene, 'web');
  scene.clock.advance(5 * MINUTE);
  await looksAgain(scene, 'web');
  expect(clientSecrets(await scene.secret('web')).previous).toBe(second);
});

test('revokeIssuedBefore: the current secret is replaced now, nothing older lives', async () => {
  const scene = await Scene.start();
  const { first, second } = await issueAndRotate(scene, 'web');

  await scene.edit('web', { revokeIssuedBefore: scene.time() });
  const replaced = await scene.published('web', 3);
  const { current, previous } = clientSecrets(await scene.secret('web'));
  expect([first, second]).not.toContain(current);
  expect(previous).toBeUndefined();
  expect(replaced.status).not.toHaveProperty('previousSecret');
  expect(replaced.status?.lastRevocation).toMatchObject({ version: 2, reason: 'IssuedBefore' });
  expect(conditionOf(replaced, 'PreviousSecretRetained')).toMatchObject({
    status: 'False',
    reason: 'Revoked',
  });
});

test('revokeIssuedBefore: once that is done it is harmless, and later rotations retain', async () => {
  const scene = await Scene.start();
  await issue(scene, 'web', {});
  await scene.edit('web', { revokeIssuedBefore: scene.time() });
  await scene.published('web', 2);
  const { current } = clientSecrets(await scene.secret('web'));

  await looksAgain(scene, 'web');
  await scene.published('web', 2);
  expect((await rotate(scene, 'web')).previous).toBe(current);
  scene.clock.advance(HOUR);
  await looksAgain(scene, 'web');
  expect(clientSecrets(await scene.secret('web')).previous).toBe(current);
});

test('revokeIssuedBefore: a current secret issued later stays, an older previous one ends', async () => {
  const scene = await Scene.start();
  await issue(scene, 'web');
  const leaked = scene.time();
  const { current } = await rotate(scene, 'web');

  await scene.edit('web', { revokeIssuedBefore: leaked });
  await whenEnded(scene, 'web', 'IssuedBefore');
  await scene.published('web', 2);
  expect(clientSecrets(await scene.secret('web'))).toEqual({ current, previous: undefined });
});

test('revokeIssuedBefore: a time before both leaves both alone', async () => {
  const scene = await Scene.start();
  const before = scene.time(-MINUTE);
  const { first, second } = await issueAndRotate(scene, 'web');
  await scene.edit('web', { revokeIssuedBefore: before });
  await scene.published('web', 2);
  await looksAgain(scene, 'web');
  expect(clientSecrets(await scene.secret('web'))).toEqual({ current: second, previous: first });
});

test('revokeIssuedBefore: a time up to 5 minutes ahead has the secret replaced once', async () => {
  const scene = await Scene.start();
  await issue(scene, 'web');
  await scene.edit('web', { revokeIssuedBefore: scene.time(4 * MINUTE) });
  await scene.published('web', 2);
  await looksAgain(scene, 'web');
  scene.clock.advance(5 * MINUTE);
  await looksAgain(scene, 'web');
  await scene.published('web', 2);
});
