import { expect, test } from 'vitest';
import { clientSecrets, conditionOf, HOUR, Scene, startOperator } from './harness.ts';
import { eventsUntil, kubectl, looksAgain } from './observe.ts';
import { issueAndRotate, whenCondition, whenEnded } from './steps.ts';

const fields = ['revokeRetiredBefore', 'revokeIssuedBefore'] as const;

/** An application whose `field` is an hour ahead, which is refused; version 1 is retained. */
async function refused(field: (typeof fields)[number]) {
  const scene = await Scene.start();
  const secrets = await issueAndRotate(scene, 'web', { rotation: { retainPreviousFor: '240h' } });
  const boundary = scene.time(HOUR);
  await scene.edit('web', { [field]: boundary });
  const application = await whenCondition(scene, 'web', 'Stalled', { reason: 'InvalidSpec' });
  const untouched = { current: secrets.second, previous: secrets.first };
  return { scene, boundary, application, untouched };
}

test.for(fields)('%s: a time more than 5 minutes ahead is refused', async (field) => {
  const { scene, boundary, application, untouched } = await refused(field);
  for (const type of ['Ready', 'Stalled']) {
    const condition = conditionOf(application, type);
    expect(condition?.reason).toBe('InvalidSpec');
    expect(condition?.message).toContain(`spec.${field}: ${boundary}`);
  }
  expect(conditionOf(application, 'Ready')?.status).toBe('False');
  expect(conditionOf(application, 'PreviousSecretRetained')).toMatchObject({ status: 'True' });
  expect(clientSecrets(await scene.secret('web'))).toEqual(untouched);
});

test.for(fields)('%s: a refused time does not fire by itself when it comes', async (field) => {
  const { scene, untouched } = await refused(field);
  scene.clock.advance(2 * HOUR);
  await looksAgain(scene, 'web');
  await scene.reaches('web', (application) =>
    expect(conditionOf(application, 'Stalled')?.reason).toBe('InvalidSpec'),
  );
  expect(clientSecrets(await scene.secret('web'))).toEqual(untouched);
});

test.for(fields)('%s: a refusal outlives the operator, and status', async (field) => {
  const { scene, untouched } = await refused(field);
  await scene.handle.stop();
  const args = ['patch', 'oidcapp/web', '--subresource=status', '--type=merge'];
  await kubectl(scene, ...args, '--patch={"status":null}');
  scene.clock.advance(2 * HOUR);
  const next = await startOperator({ namespaces: [scene.namespace], clock: scene.clock });

  await whenCondition(scene, 'web', 'Stalled', { reason: 'InvalidSpec' });
  await looksAgain(scene, 'web', next);
  expect(clientSecrets(await scene.secret('web'))).toEqual(untouched);
});

test.for(fields)('%s: a refused time is judged anew when it is edited', async (field) => {
  const { scene, untouched } = await refused(field);
  await scene.edit('web', { [field]: scene.time() });
  const done = await scene.reaches('web', (application) => {
    expect(conditionOf(application, 'Ready')).toMatchObject({ status: 'True' });
    expect(application.status?.previousSecret).toBeUndefined();
  });
  expect(conditionOf(done, 'Stalled')).toBeUndefined();
  const { current, previous } = clientSecrets(await scene.secret('web'));
  expect(previous).toBeUndefined();
  if (field === 'revokeIssuedBefore') expect(current).not.toBe(untouched.current);
  else expect(current).toBe(untouched.current);
});

test.for(fields)(
  '%s: the same refused time, taken out and set again, is judged anew',
  async (field) => {
    const { scene, boundary } = await refused(field);
    await scene.edit('web', { [field]: null });
    await scene.published('web', 2);
    scene.clock.advance(2 * HOUR);
    await scene.edit('web', { [field]: boundary });
    await whenEnded(
      scene,
      'web',
      field === 'revokeIssuedBefore' ? 'IssuedBefore' : 'RetiredBefore',
    );
  },
);

test('a refused time: all other statements go on', async () => {
  const scene = await Scene.start();
  const { second } = await issueAndRotate(scene, 'web');
  await scene.edit('web', { revokeIssuedBefore: scene.time(HOUR) });
  await whenCondition(scene, 'web', 'Stalled', { reason: 'InvalidSpec' });

  await scene.edit('web', { revokePreviousSecret: true });
  await whenEnded(scene, 'web', 'Requested');
  await scene.edit('web', { revokePreviousSecret: false });
  await scene.edit('web', { rotation: { rotateAfter: scene.time() } });
  await scene.reaches('web', ({ status }) => expect(status?.currentSecret?.version).toBe(3));
  expect(clientSecrets(await scene.secret('web')).previous).toBe(second);

  scene.clock.advance(25 * HOUR);
  await whenEnded(scene, 'web', 'Expired');
  await whenCondition(scene, 'web', 'Stalled', { reason: 'InvalidSpec' });
});

test('a time refused at creation: the first client secret is issued all the same', async () => {
  const scene = await Scene.start();
  await scene.create('web', { revokeRetiredBefore: scene.time(HOUR) });
  const { status } = await whenCondition(scene, 'web', 'Stalled', { reason: 'InvalidSpec' });
  expect(status?.currentSecret?.version).toBe(1);
  scene.clock.advance(2 * HOUR);
  await scene.edit('web', { rotation: { rotateAfter: scene.time() } });
  await scene.reaches('web', (application) => {
    expect(application.status?.currentSecret?.version).toBe(2);
    expect(application.status?.previousSecret?.version).toBe(1);
  });
});

test('a refusal is told once', async () => {
  const { scene } = await refused('revokeIssuedBefore');
  await looksAgain(scene, 'web');
  await scene.edit('web', { rotation: { retainPreviousFor: '1h' } });
  await whenCondition(scene, 'web', 'Stalled', { reason: 'InvalidSpec' });
  await scene.edit('web', { revokeIssuedBefore: null, revokePreviousSecret: true });
  const events = await eventsUntil(scene, 'web', 'PreviousSecretRevoked');
  expect(events.filter(({ reason }) => reason === 'InvalidSpec')).toEqual([
    expect.objectContaining({ type: 'Warning', count: 1 }),
  ]);
});
