import { expect, test } from 'vitest';
import { type Arrival, awaitGoals } from '../../src/cli/goals/await.ts';
import { openSession } from '../../src/cli/session.ts';
import { admin, HOUR, Scene, startOperator } from '../controller/harness.ts';
import { createForeign, issue, issueAndRotate } from '../controller/steps.ts';
import { cluster } from '../setup/cluster.ts';
import { pluginIn, stdoutOf } from './plugin.ts';

test('wait sees what happens after it began: a rotation that the operator makes later', async () => {
  const scene = await Scene.start();
  const { namespace } = scene;
  await issue(scene, 'web');
  await scene.handle.stop();
  await scene.edit('web', { rotation: { rotateAfter: scene.time() } });
  const waiting = pluginIn(scene)('wait web --for rotation --timeout 30s');
  await startOperator({ namespaces: [namespace], clock: scene.clock });
  expect(stdoutOf(await waiting)).toContain('web: version 2 is current, version 1 stays valid');
});

test('wait by default is for all that spec asks for', async () => {
  const scene = await Scene.start();
  await issueAndRotate(scene, 'web');
  await scene.edit('web', { revokeRetiredBefore: scene.time() });
  const settled = await pluginIn(scene)('wait web');
  expect(stdoutOf(settled)).toBe('web: version 2 is current, no previous one is valid.\n');
});

test('wait --for revocation is not disturbed by a rotation to come', async () => {
  const scene = await Scene.start();
  await issueAndRotate(scene, 'web');
  await scene.edit('web', {
    rotation: { rotateAfter: scene.time(HOUR) },
    revokeRetiredBefore: scene.time(),
  });
  stdoutOf(await pluginIn(scene)('wait web --for revocation'));
  const { code } = await pluginIn(scene)('wait web --for rotation');
  expect(code).toBe(4);
});

test('wait --for condition', async () => {
  const scene = await Scene.start();
  await issueAndRotate(scene, 'web');
  const run = pluginIn(scene);
  const held = await run('wait web --for condition=PreviousSecretRetained');
  expect(stdoutOf(held)).toContain('version 1 stays valid until');
  const ended = await run('wait web --for condition=PreviousSecretRetained=false --timeout 0s');
  expect(ended.code).toBe(4);
  expect(ended.stderr).toMatch(/^error: web: not within the time given: .*version 1 stays valid/);
});

test('wait ends early where somebody has to act first, and says what to do', async () => {
  const scene = await Scene.start();
  await createForeign(scene, 'web', { data: { token: 'theirs' } });
  await scene.create('web');
  const { code, stderr } = await pluginIn(scene)('wait web --timeout 10m');
  expect(code).toBe(4);
  expect(stderr).toContain('error: web: Secret web exists and is not managed by Keyturn');
});

test('wait ends early where the application is deleted meanwhile', async () => {
  const scene = await Scene.start();
  const { namespace } = scene;
  for (const name of ['api', 'web']) await issue(scene, name);
  await scene.edit('web', { rotation: { rotateAfter: scene.time(HOUR) } });
  await scene.reaches('web', () => undefined);
  const session = openSession({ namespace }, () => cluster.adminKubeConfig.kubeConfig);
  const arrivals: Arrival[] = [];
  await awaitGoals(
    session,
    [
      { name: 'api', goal: { kind: 'settled' } },
      { name: 'web', goal: { kind: 'rotation' } },
    ],
    2 * HOUR,
    (arrival) => {
      arrivals.push(arrival);
      // It is watched by now.
      if (arrival.name === 'api') void admin.applications.delete({ namespace, name: 'web' });
    },
  );
  expect(arrivals.map(({ name, progress }) => [name, progress])).toEqual([
    ['api', { kind: 'reached' }],
    ['web', { kind: 'blocked', message: 'it was deleted.' }],
  ]);
});

test('wait for several tells of each, and of the one that does not arrive', async () => {
  const scene = await Scene.start();
  for (const name of ['api', 'web']) await issue(scene, name);
  await scene.edit('api', { suspend: true, rotation: { rotateAfter: scene.time() } });
  const { code, stdout, stderr } = await pluginIn(scene)('wait api web -o json');
  expect({ code, stderr }).toEqual({ code: 4, stderr: '' });
  expect(JSON.parse(stdout)).toEqual({
    results: expect.arrayContaining([
      expect.objectContaining({ name: 'api', outcome: 'NotReached' }),
      expect.objectContaining({ name: 'web', outcome: 'Reached' }),
    ]),
  });
});
