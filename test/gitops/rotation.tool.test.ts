import { expect, test } from 'vitest';
import { DAY, HOUR, MINUTE, Scene } from '../controller/harness.ts';
import { issue, whenCondition, whenEnded } from '../controller/steps.ts';
import { Stage } from '../controller-providers/stage.ts';
import { eventually } from '../setup/cluster.ts';
import { type Health, healthOf } from './health.ts';
import { type LiveObject, watchStates } from './live.ts';

type States = Awaited<ReturnType<typeof watchStates>>;

/** The states so far, once the newest one is among them. */
async function allStates(scene: Scene, states: States): Promise<readonly LiveObject[]> {
  const { metadata } = await scene.application('web');
  return await eventually(() => {
    const seen = states();
    expect(seen.at(-1)?.metadata.resourceVersion).toBe(metadata.resourceVersion);
    return seen;
  });
}

/** How Argo CD and Flux showed them, each as often as it changed. */
function courseOf(healths: readonly Health[]): string[] {
  const shown = healths.map(({ argocd, kstatus }) => `${argocd.status} ${kstatus.status}`);
  return shown.filter((each, at) => each !== shown[at - 1]);
}

const EVERY_HOUR = { rotation: { every: '1h', retainPreviousFor: '10m' } };

test('a new application: not Current before its client secret is published', async () => {
  const scene = await Scene.start();
  const states = await watchStates(scene.namespace);
  await issue(scene, 'web');
  const seen = await allStates(scene, states);
  expect(courseOf(await healthOf(seen))).toEqual(['Progressing InProgress', 'Healthy Current']);
  expect(seen.at(-1)?.status?.currentSecret?.version).toBe(1);
});

test('scheduled rotations and expiries: Healthy and Current all the time', async () => {
  const scene = await Scene.start();
  await issue(scene, 'web', EVERY_HOUR);
  const states = await watchStates(scene.namespace);
  for (const version of [2, 3]) {
    scene.clock.advance(HOUR);
    await scene.published('web', version);
    scene.clock.advance(10 * MINUTE);
    await whenEnded(scene, 'web', 'Expired');
  }
  const seen = await allStates(scene, states);
  expect(seen.length).toBeGreaterThan(4);
  expect(courseOf(await healthOf(seen))).toEqual(['Healthy Current']);
});

test('a scheduled rotation at an identity provider: Healthy and Current all the time', async () => {
  const stage = await Stage.start();
  const { scene } = stage;
  await stage.publish('web', EVERY_HOUR);
  const states = await watchStates(scene.namespace);
  scene.clock.advance(HOUR);
  await scene.published('web', 2);
  scene.clock.advance(10 * MINUTE);
  await whenEnded(scene, 'web', 'Expired');
  const seen = await allStates(scene, states);
  expect(seen.length).toBeGreaterThan(2);
  expect(courseOf(await healthOf(seen))).toEqual(['Healthy Current']);
});

test('a provider that takes its time to accept: in progress meanwhile, and never failed', async () => {
  const stage = await Stage.start();
  const { scene, pingone } = stage;
  await stage.publish('web', EVERY_HOUR);
  const states = await watchStates(scene.namespace);
  pingone.letNewLag(true);
  scene.clock.advance(HOUR);
  await whenCondition(scene, 'web', 'Ready', { reason: 'RotationPending' });
  pingone.letNewLag(false);
  scene.clock.advance(10_000);
  await scene.published('web', 2);
  expect(courseOf(await healthOf(await allStates(scene, states)))).toEqual([
    'Healthy Current',
    'Progressing InProgress',
    'Healthy Current',
  ]);
});

test.for<[string, (scene: Scene) => Readonly<Record<string, unknown>>, number]>([
  ['rotateAfter', (scene) => ({ rotation: { rotateAfter: scene.time() } }), 2],
  ['revokeIssuedBefore', (scene) => ({ revokeIssuedBefore: scene.time() }), 2],
  ['revokeRetiredBefore', (scene) => ({ revokeRetiredBefore: scene.time() }), 1],
])('an edit of %s: Current again only once it is done', async ([, edit, version]) => {
  const scene = await Scene.start();
  await issue(scene, 'web');
  const states = await watchStates(scene.namespace);
  scene.clock.advance(DAY);
  await scene.edit('web', edit(scene));
  await scene.published('web', version);
  const seen = await allStates(scene, states);
  const healths = await healthOf(seen);
  expect(courseOf(healths)).toEqual([
    'Healthy Current',
    'Progressing InProgress',
    'Healthy Current',
  ]);
  for (const [at, { metadata, status }] of seen.entries()) {
    if (metadata.generation === 1 || healths[at]?.kstatus.status !== 'Current') continue;
    expect(status?.currentSecret?.version).toBe(version);
  }
});
