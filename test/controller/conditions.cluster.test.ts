import { expect, test } from 'vitest';
import { Rights } from '../credentials/rights.ts';
import { cluster, eventually } from '../setup/cluster.ts';
import { clientSecrets, conditionOf, DAY, MINUTE, Scene, startOperator } from './harness.ts';
import {
  eventsUntil,
  expectTruthfulHistory,
  kubectl,
  looksAgain,
  watchHistory,
} from './observe.ts';
import { issue, issueAndRotate, rotate, whenCondition, whenEnded } from './steps.ts';

test('all conditions carry observedGeneration, through every kind of edit', async () => {
  const scene = await Scene.start();
  await issue(scene, 'web', { rotation: { rotateAfter: scene.time(MINUTE) } });
  await scene.edit('web', { revokePreviousSecret: true });
  scene.clock.advance(MINUTE);
  await whenCondition(scene, 'web', 'RotationHeld', { status: 'True' });
  const edits = [
    { revokeIssuedBefore: scene.time(DAY) },
    { rotation: { retainPreviousFor: '2h' } },
    { secret: { labels: { a: 'b' } } },
    { suspend: true },
    { suspend: false, revokePreviousSecret: false, revokeIssuedBefore: null },
  ];
  const types = new Set<string>();
  for (const edit of edits) {
    await scene.edit('web', edit);
    const { status, metadata } = await scene.reaches('web', () => {});
    for (const condition of status?.conditions ?? []) {
      types.add(condition.type);
      expect(condition.observedGeneration).toBe(metadata.generation);
    }
  }
  expect(types).toEqual(new Set(['Ready', 'PreviousSecretRetained', 'RotationHeld', 'Stalled']));
});

test('RotationHeld and Stalled are there only while they are true', async () => {
  const scene = await Scene.start();
  await issueAndRotate(scene, 'web');
  const typesOf = async () => {
    const { status } = await scene.reaches('web', () => {});
    return status?.conditions?.map(({ type }) => type).sort();
  };
  expect(await typesOf()).toEqual(['PreviousSecretRetained', 'Ready']);
  await scene.edit('web', {
    rotation: { rotateAfter: scene.time() },
    revokeRetiredBefore: scene.time(DAY),
  });
  expect(await typesOf()).toEqual(['PreviousSecretRetained', 'Ready', 'RotationHeld', 'Stalled']);
  await scene.edit('web', { revokeRetiredBefore: scene.time() });
  await scene.published('web', 3);
  expect(await typesOf()).toEqual(['PreviousSecretRetained', 'Ready']);
});

test('PreviousSecretRetained: NeverRotated, Retained, Revoked, Retained, Expired', async () => {
  const scene = await Scene.start();
  const retained = async (reason: string) => {
    const application = await whenCondition(scene, 'web', 'PreviousSecretRetained', { reason });
    return conditionOf(application, 'PreviousSecretRetained');
  };
  await issue(scene, 'web');
  expect(await retained('NeverRotated')).toMatchObject({ status: 'False' });
  await rotate(scene, 'web');
  const held = await retained('Retained');
  const { status } = await scene.application('web');
  expect(held).toMatchObject({ status: 'True' });
  expect(held?.message).toContain(status?.previousSecret?.expiresAt);
  await scene.edit('web', { revokeRetiredBefore: scene.time() });
  expect(await retained('Revoked')).toMatchObject({ status: 'False' });
  await rotate(scene, 'web');
  expect(await retained('Retained')).toMatchObject({ status: 'True' });
  scene.clock.advance(DAY);
  expect(await retained('Expired')).toMatchObject({ status: 'False' });
});

test('lastTransitionTime changes with status alone', async () => {
  const scene = await Scene.start();
  await issue(scene, 'web');
  const times = (application: Awaited<ReturnType<typeof scene.application>>) =>
    ['Ready', 'PreviousSecretRetained'].map(
      (type) => conditionOf(application, type)?.lastTransitionTime,
    );
  const [ready, previous] = times(await scene.application('web'));
  scene.clock.advance(MINUTE);
  await rotate(scene, 'web');
  const rotated = times(await scene.application('web'));
  expect(rotated[0]).toBe(ready);
  expect(rotated[1]).not.toBe(previous);
  scene.clock.advance(MINUTE);
  await scene.edit('web', { suspend: true });
  const suspended = await whenCondition(scene, 'web', 'Ready', { reason: 'Suspended' });
  expect(times(suspended)).toEqual(rotated);
});

test('kubectl wait: a pipeline waits for PreviousSecretRetained=false', async () => {
  const scene = await Scene.start();
  await issueAndRotate(scene, 'web');
  const condition = '--for=condition=PreviousSecretRetained=false';
  const waiting = kubectl(scene, 'wait', condition, 'oidcapp/web', '--timeout=30s');
  await scene.edit('web', { revokeRetiredBefore: scene.time() });
  expect(await waiting).toContain('condition met');
  expect(clientSecrets(await scene.secret('web')).previous).toBeUndefined();
});

test('kubectl wait: it does not take the state of an older generation for the new one', async () => {
  const scene = await Scene.start();
  await issue(scene, 'web');
  await scene.handle.stop();
  await scene.edit('web', { rotation: { rotateAfter: scene.time() } });
  const args = ['wait', '--for=condition=Ready', 'oidcapp/web', '--timeout=30s'];
  const waiting = kubectl(scene, ...args);
  await startOperator({ namespaces: [scene.namespace], clock: scene.clock });
  await waiting;
  expect((await scene.application('web')).status?.currentSecret?.version).toBe(2);
});

test('PreviousSecretRetained is never False before the key is gone from the Secret', async () => {
  const scene = await Scene.start();
  const history = await watchHistory(scene.namespace);
  await issueAndRotate(scene, 'web');
  await scene.edit('web', { revokePreviousSecret: true });
  await whenEnded(scene, 'web', 'Requested');
  await scene.edit('web', { revokePreviousSecret: false });
  await rotate(scene, 'web');
  scene.clock.advance(DAY);
  await whenEnded(scene, 'web', 'Expired');
  await rotate(scene, 'web');
  await scene.edit('web', { secret: { name: 'other' }, revokeIssuedBefore: scene.time() });
  await scene.published('web', 5);

  await eventually(() => {
    const moments = history();
    const ended = moments.filter(
      ({ kind, object }) =>
        kind === 'application' &&
        object &&
        conditionOf(object, 'PreviousSecretRetained')?.status === 'False',
    );
    expect(new Set(ended.map(({ object }) => object?.metadata.generation)).size).toBeGreaterThan(3);
    expectTruthfulHistory(moments);
  });
});

test('PreviousSecretRetained: RevocationFailed, while the Secret cannot be written', async () => {
  const scene = await Scene.start();
  const { first } = await issueAndRotate(scene, 'web');
  await scene.handle.stop();
  const { namespace, clock } = scene;
  const user = `restricted-${namespace}`;
  const rights = await Rights.ofUser(namespace, user);
  const writing = { resource: 'secrets', verbs: ['create', 'patch', 'delete'] };
  await rights.withdraw(writing);
  const { kubeConfig } = cluster.kubeConfigFor({ user });
  const handle = await startOperator({ namespaces: [namespace], clock, kubeConfig });

  await scene.edit('web', { revokePreviousSecret: true });
  const failed = await whenCondition(scene, 'web', 'PreviousSecretRetained', {
    status: 'True',
    reason: 'RevocationFailed',
  });
  expect(conditionOf(failed, 'Ready')).toMatchObject({
    status: 'False',
    reason: 'SecretWriteFailed',
  });
  expect(conditionOf(failed, 'Ready')?.message).toContain('forbidden');
  expect(conditionOf(failed, 'Stalled')).toBeUndefined();
  expect(clientSecrets(await scene.secret('web')).previous).toBe(first);

  await rights.giveBack(writing);
  const recovered = await whenEnded(scene, 'web', 'Requested');
  expect(conditionOf(recovered, 'Ready')?.status).toBe('True');
  await looksAgain(scene, 'web', handle);
  const events = await eventsUntil(scene, 'web', 'PreviousSecretRevoked');
  expect(events.filter(({ reason }) => reason === 'SecretWriteFailed')).toEqual([
    expect.objectContaining({ type: 'Warning', count: 1 }),
  ]);
});
