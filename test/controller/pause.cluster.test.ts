import { expect, test } from 'vitest';
import { testNamespace } from '../setup/cluster.ts';
import { clientSecrets, conditionOf, HOUR, startOperator, Workspace } from './harness.ts';
import { TestClock } from './test-clock.ts';

/** An operator that was started with --pause-rotations, and a published application. */
async function paused() {
  const namespace = await testNamespace();
  const clock = new TestClock();
  const handle = await startOperator({ namespaces: [namespace], clock, pauseRotations: true });
  const workspace = new Workspace(namespace);
  await workspace.create('web');
  await workspace.published('web', 1);
  const time = () => new Date(clock.now()).toISOString();
  return { namespace, clock, handle, workspace, time };
}

test('--pause-rotations holds a rotation until the operator runs without it', async () => {
  const { namespace, clock, handle, workspace, time } = await paused();
  const { current } = clientSecrets(await workspace.secret('web'));
  await workspace.edit('web', { rotation: { rotateAfter: time() } });
  const held = await workspace.reaches('web', (application) =>
    expect(conditionOf(application, 'RotationHeld')).toMatchObject({
      status: 'True',
      reason: 'RotationsPaused',
      message: expect.stringContaining('--pause-rotations'),
    }),
  );
  expect(conditionOf(held, 'Ready')).toMatchObject({ status: 'True', reason: 'RotationHeld' });
  expect(clientSecrets(await workspace.secret('web'))).toEqual({ current, previous: undefined });

  await handle.stop();
  await startOperator({ namespaces: [namespace], clock });
  const rotated = await workspace.published('web', 2);
  expect(conditionOf(rotated, 'RotationHeld')).toBeUndefined();
  expect(clientSecrets(await workspace.secret('web')).previous).toBe(current);
});

test('--pause-rotations lets revocation, expiry and the answer to a leak go on', async () => {
  const { namespace, clock, handle, workspace, time } = await paused();
  await handle.stop();
  const running = await startOperator({ namespaces: [namespace], clock });
  await workspace.create('api');
  for (const name of ['web', 'api']) {
    await workspace.published(name, 1);
    await workspace.edit(name, { rotation: { rotateAfter: time(), retainPreviousFor: '1h' } });
    await workspace.published(name, 2);
  }
  await running.stop();
  await startOperator({ namespaces: [namespace], clock, pauseRotations: true });

  await workspace.edit('web', { revokeRetiredBefore: time() });
  await workspace.reaches('web', ({ status }) =>
    expect(status?.lastRevocation).toMatchObject({ version: 1, reason: 'RetiredBefore' }),
  );
  clock.advance(HOUR);
  await workspace.reaches('api', ({ status }) =>
    expect(status?.lastRevocation).toMatchObject({ version: 1, reason: 'Expired' }),
  );
  await workspace.edit('web', { revokeIssuedBefore: time() });
  const replaced = await workspace.published('web', 3);
  expect(replaced.status?.lastRevocation).toMatchObject({ version: 2, reason: 'IssuedBefore' });
});
