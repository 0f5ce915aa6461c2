import { expect, test } from 'vitest';
import { eventually } from '../setup/cluster.ts';
import { admin, DAY, HOUR, MINUTE, Scene, startOperator } from './harness.ts';
import { looksAgain, metric, poked, writesDuring, writesOf } from './observe.ts';
import {
  base64,
  createForeign,
  issue,
  issueAndRotate,
  rotate,
  whenCondition,
  whenEnded,
} from './steps.ts';

const SECRET_AND_STATUS = { 'PATCH secrets': 1, 'PATCH oidcapplications/status': 1 };

type Step = readonly [string, (scene: Scene) => Promise<unknown>];

test('two writes to create: the Secret, then status', async () => {
  const scene = await Scene.start();
  const writes = await writesDuring(scene.handle, () => issue(scene, 'web'));
  expect(writes).toEqual({ 'POST secrets': 1, 'PATCH oidcapplications/status': 1 });
});

const readsOf = (scene: Scene, resource: string) =>
  metric(scene.handle, 'rest_client_requests_total', { method: 'GET', resource });

test('nothing is read to create, rotate and revoke: the caches tell what is there', async () => {
  const scene = await Scene.start();
  const reads = () =>
    Promise.all(['secrets', 'oidcapplications'].map((resource) => readsOf(scene, resource)));
  const listAndWatch = [2, 2];
  await eventually(async () => expect(await reads()).toEqual(listAndWatch));
  await issueAndRotate(scene, 'web');
  await scene.edit('web', { revokePreviousSecret: true });
  await whenEnded(scene, 'web', 'Requested');
  expect(await reads()).toEqual(listAndWatch);
});

test('a Secret that is there is left as it is, after one attempt to create it', async () => {
  const scene = await Scene.start();
  const foreign = await createForeign(scene, 'web');
  const writes = await writesDuring(scene.handle, async () => {
    await scene.create('web');
    await whenCondition(scene, 'web', 'Stalled', { reason: 'SecretConflict' });
  });
  expect(writes).toEqual({ 'POST secrets': 1, 'PATCH oidcapplications/status': 1 });
  expect(await scene.secret('web')).toEqual(foreign);
});

test('two writes to rotate: the Secret, then status', async () => {
  const scene = await Scene.start();
  await issue(scene, 'web');
  expect(await writesDuring(scene.handle, () => rotate(scene, 'web'))).toEqual(SECRET_AND_STATUS);
});

const changes: readonly Step[] = [
  [
    'revoke by revokePreviousSecret',
    async (scene) => {
      await scene.edit('web', { revokePreviousSecret: true });
      await whenEnded(scene, 'web', 'Requested');
    },
  ],
  [
    'revoke by revokeRetiredBefore',
    async (scene) => {
      await scene.edit('web', { revokeRetiredBefore: scene.time() });
      await whenEnded(scene, 'web', 'RetiredBefore');
    },
  ],
  [
    'replace both by revokeIssuedBefore',
    async (scene) => {
      await scene.edit('web', { revokeIssuedBefore: scene.time() });
      await scene.published('web', 3);
    },
  ],
  [
    'expire',
    async (scene) => {
      scene.clock.advance(DAY);
      await whenEnded(scene, 'web', 'Expired');
    },
  ],
  [
    'accept a value set by hand',
    async (scene) => {
      await scene.tamper('web', { data: { 'client-secret': base64('by-hand') } });
      await scene.published('web', 3);
    },
  ],
  [
    'change labels',
    async (scene) => {
      await scene.edit('web', { secret: { labels: { a: 'b' } } });
      await scene.published('web', 2);
    },
  ],
  [
    'change deletionPolicy',
    async (scene) => {
      await scene.edit('web', { deletionPolicy: 'Delete' });
      await scene.published('web', 2);
    },
  ],
  [
    'refuse a time',
    async (scene) => {
      await scene.edit('web', { revokeRetiredBefore: scene.time(HOUR) });
      await whenCondition(scene, 'web', 'Stalled', { reason: 'InvalidSpec' });
    },
  ],
];

test.for(changes)('two writes to %s: the Secret, then status', async ([, change]) => {
  const scene = await Scene.start();
  await issueAndRotate(scene, 'web');
  expect(await writesDuring(scene.handle, () => change(scene))).toEqual(SECRET_AND_STATUS);
});

test('one write where spec changes and no secret does: observedGeneration', async () => {
  const scene = await Scene.start();
  await issueAndRotate(scene, 'web');
  const writes = await writesDuring(scene.handle, async () => {
    await scene.edit('web', { rotation: { retainPreviousFor: '1h' } });
    await scene.published('web', 2);
  });
  expect(writes).toEqual({ 'PATCH oidcapplications/status': 1 });
});

const states: readonly Step[] = [
  ['a new application', (scene) => issue(scene, 'web')],
  ['a retained secret', (scene) => issueAndRotate(scene, 'web', { rotation: { every: '720h' } })],
  ...changes.map<Step>(([name, change]) => [
    `after: ${name}`,
    async (scene) => {
      await issueAndRotate(scene, 'web');
      await change(scene);
    },
  ]),
  [
    'a held rotation',
    async (scene) => {
      await issueAndRotate(scene, 'web');
      await scene.edit('web', { rotation: { rotateAfter: scene.time() } });
      await whenCondition(scene, 'web', 'RotationHeld', { status: 'True' });
    },
  ],
  [
    'a conflict',
    async (scene) => {
      await createForeign(scene, 'web');
      await scene.create('web');
      await whenCondition(scene, 'web', 'Stalled', { reason: 'SecretConflict' });
    },
  ],
  [
    'an immutable Secret',
    async (scene) => {
      await issueAndRotate(scene, 'web');
      await scene.tamper('web', { immutable: true });
      await whenCondition(scene, 'web', 'Stalled', { reason: 'SecretImmutable' });
    },
  ],
  [
    'a clock that is wrong',
    async (scene) => {
      await issueAndRotate(scene, 'web');
      scene.clock.step(DAY);
      await whenCondition(scene, 'web', 'Ready', { reason: 'ClockSkew' });
    },
  ],
  [
    'a suspension',
    async (scene) => {
      await issueAndRotate(scene, 'web');
      await scene.edit('web', { suspend: true, secret: { labels: { a: 'b' } } });
      await whenCondition(scene, 'web', 'Ready', { reason: 'Suspended' });
    },
  ],
];

test.for(states)('no write in the steady state: %s', async ([, reach]) => {
  const scene = await Scene.start();
  await reach(scene);
  const writes = await writesDuring(scene.handle, async () => {
    await looksAgain(scene, 'web');
    await scene.tamper('web', poked());
    await looksAgain(scene, 'web');
    scene.clock.advance(MINUTE);
    await looksAgain(scene, 'web');
  });
  expect(writes).toEqual({});
});

test('no write when the operator starts anew', async () => {
  const scene = await Scene.start();
  await issueAndRotate(scene, 'web', { rotation: { every: '720h' } });
  await scene.handle.stop();
  const { namespace, clock } = scene;
  const next = await startOperator({ namespaces: [namespace], clock });
  await looksAgain(scene, 'web', next);
  expect(await writesOf(next)).toEqual({});
});

test('no write when labels and annotations of the application itself change', async () => {
  const scene = await Scene.start();
  await issueAndRotate(scene, 'web');
  const before = await metric(scene.handle, 'controller_runtime_reconcile_total');
  const writes = await writesDuring(scene.handle, async () => {
    const ref = { namespace: scene.namespace, name: 'web' };
    await admin.applications.mergePatch(ref, { metadata: { labels: { a: 'b' } } });
    await looksAgain(scene, 'web');
  });
  expect(writes).toEqual({});
  expect(await metric(scene.handle, 'controller_runtime_reconcile_total')).toBeGreaterThan(before);
});
