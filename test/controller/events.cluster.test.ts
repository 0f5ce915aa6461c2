import { expect, test } from 'vitest';
import { DAY, HOUR, MINUTE, Scene } from './harness.ts';
import { eventsUntil, looksAgain, metric, metricReaches } from './observe.ts';
import { base64, issue, issueAndRotate, rotate, whenCondition, whenEnded } from './steps.ts';

interface Line {
  readonly level: string;
  readonly application: string;
  readonly reconcileID: string;
  readonly reason: string;
  readonly msg: string;
}

function isTransition(line: unknown): line is Line {
  return typeof line === 'object' && line !== null && 'reason' in line;
}

/** The lines of the operator's log that tell of a transition. */
function transitions({ handle }: Scene): Line[] {
  return handle.lines.map((line): unknown => JSON.parse(line)).filter(isTransition);
}

/** Passes through one of everything that is told, the last of which is FormerSecretRestored. */
async function eventful(scene: Scene): Promise<void> {
  const { first } = await issueAndRotate(scene, 'web');
  scene.clock.advance(DAY);
  await whenEnded(scene, 'web', 'Expired');
  await rotate(scene, 'web');
  await scene.edit('web', { rotation: { rotateAfter: scene.time(MINUTE) } });
  scene.clock.advance(MINUTE);
  await whenCondition(scene, 'web', 'RotationHeld', { status: 'True' });
  await scene.edit('web', { revokeRetiredBefore: scene.time() });
  await scene.published('web', 4);
  await scene.edit('web', { secret: { labels: { a: 'b' } }, revokeIssuedBefore: scene.time() });
  await scene.published('web', 5);
  await scene.tamper('web', { data: { 'client-secret': base64('by-hand') } });
  await scene.published('web', 6);
  await scene.tamper('web', { data: { 'client-secret': base64(first) } });
  await scene.published('web', 7);
}

test('events on transitions only, one for each', async () => {
  const scene = await Scene.start();
  await eventful(scene);
  await looksAgain(scene, 'web');
  scene.clock.advance(10 * MINUTE);
  await looksAgain(scene, 'web');

  const events = await eventsUntil(scene, 'web', 'FormerSecretRestored');
  expect(events.map(({ type, reason, count }) => [type, reason, count])).toEqual([
    ['Normal', 'SecretIssued', 1],
    ['Normal', 'SecretRotated', 1],
    ['Normal', 'PreviousSecretExpired', 1],
    ['Normal', 'SecretRotated', 1],
    ['Warning', 'RotationHeld', 1],
    ['Normal', 'PreviousSecretRevoked', 1],
    ['Normal', 'SecretRotated', 1],
    ['Warning', 'CurrentSecretRevoked', 1],
    ['Warning', 'ExternalSecretAccepted', 1],
    ['Warning', 'FormerSecretRestored', 1],
  ]);
});

test('each transition is one line of the log, with the application and the reconcile id', async () => {
  const scene = await Scene.start();
  await eventful(scene);
  const events = await eventsUntil(scene, 'web', 'FormerSecretRestored');
  const lines = transitions(scene);
  expect(lines.map(({ reason }) => reason)).toEqual(events.map(({ reason }) => reason));
  for (const line of lines) {
    expect(line.application).toBe(`${scene.namespace}/web`);
    expect(line.reconcileID).toMatch(/^[0-9a-f-]{36}$/);
    expect(['info', 'warn']).toContain(line.level);
  }
});

test('the events are about the application, and name it by its UID', async () => {
  const scene = await Scene.start();
  await issue(scene, 'web');
  const [event] = await eventsUntil(scene, 'web', 'SecretIssued');
  const { uid } = (await scene.application('web')).metadata;
  expect(event?.regarding).toMatchObject({
    apiVersion: 'keyturn.dev/v1alpha1',
    kind: 'OIDCApplication',
    uid,
  });
});

test('a hold that is over and comes again is told again', async () => {
  const scene = await Scene.start();
  await issueAndRotate(scene, 'web');
  for (const version of [3, 4]) {
    await scene.edit('web', { rotation: { rotateAfter: scene.time() } });
    await whenCondition(scene, 'web', 'RotationHeld', { status: 'True' });
    await scene.edit('web', { revokeRetiredBefore: scene.time() });
    await scene.published('web', version);
  }
  const events = await eventsUntil(scene, 'web', 'SecretRotated');
  const held = transitions(scene).filter(({ reason }) => reason === 'RotationHeld');
  expect(held).toHaveLength(2);
  expect(events.some(({ reason }) => reason === 'RotationHeld')).toBe(true);
});

test('metrics: retained, held, ready and stalled follow the state', async () => {
  const scene = await Scene.start();
  const { handle } = scene;
  await issueAndRotate(scene, 'web');
  await issueAndRotate(scene, 'api');
  await metricReaches(handle, 'keyturn_previous_secrets_retained', 2);
  await metricReaches(handle, 'keyturn_applications', 2, { ready: 'true' });
  expect(await metric(handle, 'keyturn_revocations_overdue')).toBe(0);

  await scene.edit('web', { rotation: { rotateAfter: scene.time() } });
  await metricReaches(handle, 'keyturn_rotations_held', 1, { reason: 'PreviousSecretRetained' });
  await scene.edit('api', { revokeRetiredBefore: scene.time(HOUR) });
  await metricReaches(handle, 'keyturn_applications_stalled', 1, { reason: 'InvalidSpec' });
  await metricReaches(handle, 'keyturn_applications', 1, { ready: 'false' });

  await scene.edit('web', { revokeRetiredBefore: scene.time() });
  await scene.edit('api', { revokeRetiredBefore: scene.time() });
  await metricReaches(handle, 'keyturn_rotations_held', 0);
  await metricReaches(handle, 'keyturn_applications_stalled', 0);
  await metricReaches(handle, 'keyturn_previous_secrets_retained', 1);
});

test('metric: how long each revocation took', async () => {
  const scene = await Scene.start();
  const counted = async (count: number) =>
    expect(await scene.handle.operator.registry.metrics()).toContain(
      `\nkeyturn_revocation_duration_seconds_count ${count}\n`,
    );
  await issueAndRotate(scene, 'web');
  await counted(0);
  await scene.edit('web', { revokeRetiredBefore: scene.time() });
  await whenEnded(scene, 'web', 'RetiredBefore');
  await counted(1);
  await scene.edit('web', { revokeIssuedBefore: scene.time() });
  await scene.published('web', 3);
  await counted(2);
});
