import { expect, test } from 'vitest';
import { parseTimestamp } from '../../src/api/timestamp.ts';
import type { OIDCApplication } from '../../src/controller/resources.ts';
import { clientSecrets, conditionOf, DAY, HOUR, MINUTE, Scene } from './harness.ts';
import { looksAgain } from './observe.ts';
import { issue, issueAndRotate, rotate, whenEnded } from './steps.ts';

const timeOf = (text: string | undefined) => parseTimestamp(text ?? '') ?? Number.NaN;

test('rotateAfter: a time to come plans one rotation, which happens then', async () => {
  const scene = await Scene.start();
  const rotateAfter = scene.time(HOUR);
  await issue(scene, 'web', { rotation: { rotateAfter } });
  const planned = await scene.published('web', 1);
  expect(planned.status?.nextRotationTime).toBe(rotateAfter);

  scene.clock.advance(59 * MINUTE);
  await looksAgain(scene, 'web');
  await scene.published('web', 1);

  scene.clock.advance(MINUTE);
  const { status } = await scene.published('web', 2);
  expect(timeOf(status?.currentSecret?.issuedAt)).toBeGreaterThanOrEqual(timeOf(rotateAfter));
  expect(status?.nextRotationTime).toBeUndefined();

  await looksAgain(scene, 'web');
  await scene.published('web', 2);
});

test('rotateAfter: a time in the past that is fulfilled does nothing', async () => {
  const scene = await Scene.start();
  const first = await issue(scene, 'web', { rotation: { rotateAfter: scene.time(-HOUR) } });
  await looksAgain(scene, 'web');
  await scene.edit('web', { rotation: { rotateAfter: scene.time(-2 * HOUR) } });
  await scene.published('web', 1);
  expect(clientSecrets(await scene.secret('web'))).toEqual({ current: first, previous: undefined });
});

/** How long before the end of `every` the next rotation is planned. */
function broughtForward({ status }: OIDCApplication, every: number): number {
  return timeOf(status?.currentSecret?.issuedAt) + every - timeOf(status?.nextRotationTime);
}

test('every: rotations come up to a tenth early, different for each application', async () => {
  const scene = await Scene.start();
  const names = ['a', 'b', 'c', 'd'];
  const every = 100 * HOUR;
  for (const name of names) await scene.create(name, { rotation: { every: '100h' } });
  const applications = await Promise.all(names.map((name) => scene.published(name, 1)));

  const early = applications.map((application) => broughtForward(application, every));
  expect(Math.min(...early)).toBeGreaterThanOrEqual(0);
  expect(Math.max(...early)).toBeLessThanOrEqual(every / 10);
  expect(new Set(early.map((ms) => Math.round(ms / MINUTE))).size).toBeGreaterThan(1);

  const first = Math.min(...applications.map(({ status }) => timeOf(status?.nextRotationTime)));
  scene.clock.advance(first - scene.clock.now() - MINUTE);
  for (const name of names) await looksAgain(scene, name);
  for (const name of names) await scene.published(name, 1);

  scene.clock.advance(10 * HOUR + MINUTE);
  for (const name of names) await scene.published(name, 2);
});

test('every: a rotation is brought forward by 24 h at most', async () => {
  const scene = await Scene.start();
  const names = ['a', 'b', 'c', 'd'];
  for (const name of names) await scene.create(name, { rotation: { every: '8760h' } });
  for (const name of names) {
    const early = broughtForward(await scene.published(name, 1), 8760 * HOUR);
    expect(early).toBeGreaterThanOrEqual(0);
    expect(early).toBeLessThanOrEqual(DAY);
  }
});

test('every: the rotation after the next one is counted from the next one', async () => {
  const scene = await Scene.start();
  await issue(scene, 'web', { rotation: { every: '10h', retainPreviousFor: '1h' } });
  scene.clock.advance(10 * HOUR);
  await scene.published('web', 2);
  scene.clock.advance(10 * HOUR);
  const { status } = await scene.published('web', 3);
  expect(status?.previousSecret?.version).toBe(2);
});

test('rotateAfter and every together: whichever comes first, and one rotation satisfies both', async () => {
  const scene = await Scene.start();
  const rotateAfter = scene.time(2 * HOUR);
  const rotation = { every: '100h', rotateAfter, retainPreviousFor: '1m' };
  await issue(scene, 'web', { rotation });
  scene.clock.advance(2 * HOUR);
  const { status } = await scene.published('web', 2);
  expect(timeOf(status?.nextRotationTime)).toBeGreaterThan(scene.clock.now() + 80 * HOUR);
});

test('retainPreviousFor: 24 h by default, fixed as expiresAt when the rotation happens', async () => {
  const scene = await Scene.start();
  await issueAndRotate(scene, 'web');
  const { status } = await scene.application('web');
  const { retiredAt, expiresAt } = status?.previousSecret ?? {};
  expect(timeOf(expiresAt) - timeOf(retiredAt)).toBe(DAY);
  expect(retiredAt).toBe(status?.currentSecret?.issuedAt);
});

test('expiry: late by less than a second', async () => {
  const scene = await Scene.start();
  await issueAndRotate(scene, 'web');
  const expiresAt = timeOf((await scene.application('web')).status?.previousSecret?.expiresAt);
  await looksAgain(scene, 'web');
  scene.clock.advance(expiresAt - scene.clock.now() - 700);
  const { status } = await whenEnded(scene, 'web', 'Expired');
  const late = timeOf(status?.lastRevocation?.time) - expiresAt;
  expect(late).toBeGreaterThanOrEqual(0);
  expect(late).toBeLessThan(1000);
});

test.for(['720h', '1m', '0s'])(
  'retainPreviousFor: an edit to %s changes no retention that has begun',
  async (retainPreviousFor) => {
    const scene = await Scene.start();
    const { first } = await issueAndRotate(scene, 'web', { rotation: { retainPreviousFor: '2h' } });
    const before = await scene.application('web');

    await scene.edit('web', { rotation: { retainPreviousFor } });
    const after = await scene.published('web', 2);
    expect(after.status?.previousSecret).toEqual(before.status?.previousSecret);

    scene.clock.advance(2 * HOUR - MINUTE);
    await looksAgain(scene, 'web');
    expect(clientSecrets(await scene.secret('web')).previous).toBe(first);
    scene.clock.advance(MINUTE);
    await whenEnded(scene, 'web', 'Expired');
    expect(clientSecrets(await scene.secret('web')).previous).toBeUndefined();
  },
);

test('retainPreviousFor: an edit concerns later rotations', async () => {
  const scene = await Scene.start();
  await issueAndRotate(scene, 'web', { rotation: { retainPreviousFor: '1h' } });
  await scene.edit('web', { rotation: { retainPreviousFor: '3h' } });
  scene.clock.advance(HOUR);
  await whenEnded(scene, 'web', 'Expired');
  await rotate(scene, 'web');
  const { status } = await scene.application('web');
  const { retiredAt, expiresAt } = status?.previousSecret ?? {};
  expect(timeOf(expiresAt) - timeOf(retiredAt)).toBe(3 * HOUR);
});

test('retainPreviousFor: 0s: nothing is retained', async () => {
  const scene = await Scene.start();
  const first = await issue(scene, 'web', { rotation: { retainPreviousFor: '0s' } });
  const { current, previous } = await rotate(scene, 'web');
  expect(current).not.toBe(first);
  expect(previous).toBeUndefined();

  const application = await scene.published('web', 2);
  expect(application.status?.previousSecret).toBeUndefined();
  expect(application.status?.lastRevocation).toMatchObject({ version: 1, reason: 'NotRetained' });
  expect(conditionOf(application, 'PreviousSecretRetained')).toMatchObject({
    status: 'False',
    reason: 'NotRetained',
  });
});
