import { expect, test } from 'vitest';
import { eventually } from '../setup/cluster.ts';
import { clientSecrets, conditionOf, DAY, HOUR, MINUTE, Scene } from './harness.ts';
import { looksAgain, metric, metricReaches } from './observe.ts';
import { base64, issue, issueAndRotate, whenCondition, whenEnded } from './steps.ts';

const SECOND = 1000;
const skew = (scene: Scene) => metric(scene.handle, 'keyturn_clock_skew_seconds');

test('clock guard: the metric tells how far the clock is ahead', async () => {
  const scene = await Scene.start();
  expect(Math.abs(await skew(scene))).toBeLessThan(2);
  scene.clock.step(-90 * SECOND);
  expect(await skew(scene)).toBeGreaterThan(-92);
  expect(await skew(scene)).toBeLessThan(-88);
});

test.for<[string, number]>([
  ['ahead by a day', DAY],
  ['ahead by 40 seconds', 40 * SECOND],
  ['behind by 40 seconds', -40 * SECOND],
])('clock guard: with the clock %s, nothing ends by expiry', async ([, error]) => {
  const scene = await Scene.start();
  const { first, second } = await issueAndRotate(scene, 'web');
  scene.clock.step(error);
  scene.clock.advance(DAY);
  await looksAgain(scene, 'web');
  expect(clientSecrets(await scene.secret('web'))).toEqual({ current: second, previous: first });

  scene.clock.step(-error);
  await looksAgain(scene, 'web');
  await whenEnded(scene, 'web', 'Expired');
});

test('clock guard: an expiry that seems due: ClockSkew, pending, overdue, and a line of the log', async () => {
  const scene = await Scene.start();
  const { first, second } = await issueAndRotate(scene, 'web');
  scene.clock.step(DAY + MINUTE);
  const waiting = await whenCondition(scene, 'web', 'Ready', {
    status: 'False',
    reason: 'ClockSkew',
  });
  expect(conditionOf(waiting, 'PreviousSecretRetained')).toMatchObject({
    status: 'True',
    reason: 'RevocationPending',
  });
  expect(conditionOf(waiting, 'Stalled')).toBeUndefined();
  expect(clientSecrets(await scene.secret('web'))).toEqual({ current: second, previous: first });
  await metricReaches(scene.handle, 'keyturn_revocations_overdue', 1);
  await eventually(() => {
    const told = scene.handle.lines.filter((line) => line.includes('differ by more than 30'));
    expect(told.filter((line) => line.includes('skewSeconds'))).toHaveLength(1);
  });

  scene.clock.step(-DAY - MINUTE);
  scene.clock.advance(MINUTE);
  const recovered = await scene.published('web', 2);
  expect(conditionOf(recovered, 'PreviousSecretRetained')?.reason).toBe('Retained');
  expect(clientSecrets(await scene.secret('web')).previous).toBe(first);
});

test('clock guard: an expiry that a clock behind does not see is overdue all the same', async () => {
  const scene = await Scene.start();
  await issueAndRotate(scene, 'web');
  scene.clock.step(-HOUR);
  await looksAgain(scene, 'web');
  await metricReaches(scene.handle, 'keyturn_revocations_overdue', 0);
  scene.clock.advance(DAY);
  await metricReaches(scene.handle, 'keyturn_revocations_overdue', 1);

  scene.clock.step(HOUR);
  await looksAgain(scene, 'web');
  await whenEnded(scene, 'web', 'Expired');
  await metricReaches(scene.handle, 'keyturn_revocations_overdue', 0);
});

test('clock guard: what a wrong clock made of an immutable Secret does not stand', async () => {
  const scene = await Scene.start();
  await issueAndRotate(scene, 'web');
  await scene.tamper('web', { immutable: true });
  await whenCondition(scene, 'web', 'Stalled', { reason: 'SecretImmutable' });
  scene.clock.step(DAY + MINUTE);
  await looksAgain(scene, 'web');
  await whenCondition(scene, 'web', 'PreviousSecretRetained', { reason: 'RevocationPending' });

  scene.clock.step(-DAY - MINUTE);
  scene.clock.advance(MINUTE);
  await whenCondition(scene, 'web', 'PreviousSecretRetained', { reason: 'Retained' });
});

test('clock guard: a rotation that seems due is not told as held once the clocks agree', async () => {
  const scene = await Scene.start();
  await issue(scene, 'web', {
    revokePreviousSecret: true,
    rotation: { rotateAfter: scene.time(HOUR) },
  });
  scene.clock.step(2 * HOUR);
  await looksAgain(scene, 'web');
  await whenCondition(scene, 'web', 'RotationHeld', { reason: 'RevokePreviousSecretIsTrue' });

  scene.clock.step(-2 * HOUR);
  scene.clock.advance(MINUTE);
  await scene.reaches('web', (application) =>
    expect(conditionOf(application, 'RotationHeld')).toBeUndefined(),
  );
});

test('clock guard: less than 30 seconds are tolerated', async () => {
  const scene = await Scene.start();
  await issueAndRotate(scene, 'web');
  scene.clock.step(25 * SECOND);
  scene.clock.advance(DAY);
  await whenEnded(scene, 'web', 'Expired');
});

test.for<[string, (scene: Scene) => Readonly<Record<string, unknown>>]>([
  ['rotateAfter', (scene) => ({ rotation: { rotateAfter: scene.time() } })],
  ['every', () => ({ rotation: { every: '1h', retainPreviousFor: '1m' } })],
  ['revokeIssuedBefore', (scene) => ({ revokeIssuedBefore: scene.time() })],
])('clock guard: %s does nothing until the clocks agree', async ([, statement]) => {
  const scene = await Scene.start();
  const first = await issue(scene, 'web');
  scene.clock.advance(2 * HOUR);
  const edit = statement(scene);
  scene.clock.step(HOUR);
  await scene.edit('web', edit);
  const waiting = await whenCondition(scene, 'web', 'Ready', { reason: 'ClockSkew' });
  expect(waiting.status?.currentSecret?.version).toBe(1);
  await looksAgain(scene, 'web');
  expect(clientSecrets(await scene.secret('web'))).toEqual({ current: first, previous: undefined });

  scene.clock.step(-HOUR);
  scene.clock.advance(MINUTE);
  await scene.published('web', 2);
});

test('clock guard: revokeRetiredBefore does nothing until the clocks agree', async () => {
  const scene = await Scene.start();
  const { first } = await issueAndRotate(scene, 'web');
  const boundary = scene.time();
  scene.clock.step(HOUR);
  await scene.edit('web', { revokeRetiredBefore: boundary });
  await whenCondition(scene, 'web', 'PreviousSecretRetained', { reason: 'RevocationPending' });
  expect(clientSecrets(await scene.secret('web')).previous).toBe(first);
  scene.clock.step(-HOUR);
  scene.clock.advance(MINUTE);
  await whenEnded(scene, 'web', 'RetiredBefore');
});

test('clock guard: revokePreviousSecret: true still works', async () => {
  const scene = await Scene.start();
  const { second } = await issueAndRotate(scene, 'web');
  scene.clock.step(3 * HOUR);
  await scene.edit('web', { revokePreviousSecret: true });
  await whenEnded(scene, 'web', 'Requested');
  expect(clientSecrets(await scene.secret('web'))).toEqual({
    current: second,
    previous: undefined,
  });
});

test('clock guard: repairs go on, and Ready stays True while nothing is due', async () => {
  const scene = await Scene.start();
  await issueAndRotate(scene, 'web');
  scene.clock.step(HOUR);
  await scene.tamper('web', { metadata: { labels: { 'keyturn.dev/application': null } } });
  await eventually(async () =>
    expect((await scene.secret('web')).metadata.labels).toMatchObject({
      'keyturn.dev/application': 'web',
    }),
  );
  await scene.published('web', 2);
});

test('clock guard: a boundary is not refused by a clock that is behind', async () => {
  const scene = await Scene.start();
  const { first } = await issueAndRotate(scene, 'web');
  const boundary = scene.time();
  scene.clock.step(-HOUR);
  await scene.edit('web', { revokeRetiredBefore: boundary });
  await looksAgain(scene, 'web');
  expect(clientSecrets(await scene.secret('web')).previous).toBe(first);
  scene.clock.step(HOUR);
  await looksAgain(scene, 'web');
  await whenEnded(scene, 'web', 'RetiredBefore');
});

const ahead = (scene: Scene, minutes: number) => ({
  metadata: { annotations: { 'keyturn.dev/issued-at': scene.time(minutes * MINUTE) } },
});

test.for<[string, (scene: Scene) => Readonly<Record<string, unknown>>]>([
  ['rotateAfter', (scene) => ({ rotation: { rotateAfter: scene.time(-HOUR) } })],
  ['every', () => ({ rotation: { every: '1h', retainPreviousFor: '1m' } })],
  ['revokeIssuedBefore', (scene) => ({ revokeIssuedBefore: scene.time(-HOUR) })],
])('an issuedAt more than 5 minutes ahead satisfies no statement: %s', async ([, statement]) => {
  const scene = await Scene.start();
  const first = await issue(scene, 'web');
  await scene.tamper('web', ahead(scene, 60));
  await scene.edit('web', statement(scene));
  const { status } = await scene.published('web', 2);
  expect(clientSecrets(await scene.secret('web')).current).not.toBe(first);
  expect(String(status?.currentSecret?.issuedAt) < scene.time(MINUTE)).toBe(true);
});

test('an issuedAt up to 5 minutes ahead is the inaccuracy of a clock, and counts', async () => {
  const scene = await Scene.start();
  await issue(scene, 'web');
  await scene.tamper('web', ahead(scene, 4));
  await scene.edit('web', { revokeIssuedBefore: scene.time() });
  await looksAgain(scene, 'web');
  await scene.published('web', 1);
});

test('a retention that its annotation prolongs beyond 30 days ends after 30 days', async () => {
  const scene = await Scene.start();
  await issueAndRotate(scene, 'web');
  const annotations = { 'keyturn.dev/previous-expires-at': scene.time(300 * DAY) };
  await scene.tamper('web', { metadata: { annotations } });
  await looksAgain(scene, 'web');
  scene.clock.advance(30 * DAY);
  await whenEnded(scene, 'web', 'Expired');
});

test('clock guard: a Secret changed by hand is not judged until the clocks agree', async () => {
  const scene = await Scene.start();
  await issue(scene, 'web');
  scene.clock.step(HOUR);
  await scene.tamper('web', { data: { 'client-secret': base64('by-hand') } });
  await whenCondition(scene, 'web', 'Ready', { reason: 'ClockSkew' });
  scene.clock.step(-HOUR);
  scene.clock.advance(MINUTE);
  const { status } = await scene.published('web', 2);
  expect(String(status?.currentSecret?.issuedAt) <= scene.time()).toBe(true);
});
