import { expect, test } from 'vitest';
import type { OIDCApplicationSpec } from '../../src/api/oidcapplication.gen.ts';
import { clientSecrets, conditionOf, HOUR, MINUTE, Scene } from './harness.ts';
import { clientsOf, eventsUntil, looksAgain, metricReaches } from './observe.ts';
import { issue, issueAndRotate, rotate, whenCondition, whenEnded } from './steps.ts';

type Rotation = OIDCApplicationSpec['rotation'];
const rotations: Readonly<Record<string, (scene: Scene) => Rotation & {}>> = {
  rotateAfter: (scene) => ({ rotateAfter: scene.time(2 * HOUR) }),
  every: () => ({ every: '2h', retainPreviousFor: '1h' }),
};

/** An application whose rotation is due while `revokePreviousSecret` is true. */
async function heldByRevocation(field = 'rotateAfter') {
  const scene = await Scene.start();
  const first = await issue(scene, 'web', { rotation: rotations[field]?.(scene) ?? {} });
  await clientsOf('argocd-controller').applications.mergePatch(
    { namespace: scene.namespace, name: 'web' },
    { spec: { revokePreviousSecret: true } },
  );
  await scene.published('web', 1);
  scene.clock.advance(2 * HOUR);
  const reason = 'RevokePreviousSecretIsTrue';
  const held = await whenCondition(scene, 'web', 'RotationHeld', { status: 'True', reason });
  return { scene, first, held };
}

test.for(Object.keys(rotations))(
  'guard 1: a rotation by %s does not start while revokePreviousSecret is true',
  async (field) => {
    const { scene, first, held } = await heldByRevocation(field);
    expect(conditionOf(held, 'Ready')).toMatchObject({ status: 'True', reason: 'RotationHeld' });
    expect(conditionOf(held, 'RotationHeld')?.message).toContain(`spec.rotation.${field}`);
    await looksAgain(scene, 'web');
    await scene.published('web', 1);
    expect(clientSecrets(await scene.secret('web'))).toEqual({
      current: first,
      previous: undefined,
    });
  },
);

test('guard 1: the message names the field manager of the true, and both ways out', async () => {
  const { held } = await heldByRevocation();
  const message = conditionOf(held, 'RotationHeld')?.message;
  expect(message).toContain('argocd-controller');
  expect(message).toContain('Set it to false');
  expect(message).toContain('retainPreviousFor to 0s');
  expect(message).toContain('Git');
});

test('guard 1: a metric and one event tell of it', async () => {
  const { scene } = await heldByRevocation();
  const reason = { reason: 'RevokePreviousSecretIsTrue' };
  await metricReaches(scene.handle, 'keyturn_rotations_held', 1, reason);
  await looksAgain(scene, 'web');
  await scene.edit('web', { secret: { labels: { 'example.com/team': 'shop' } } });
  await scene.published('web', 1);

  await scene.edit('web', { revokePreviousSecret: false });
  await scene.published('web', 2);
  await metricReaches(scene.handle, 'keyturn_rotations_held', 0);
  const events = await eventsUntil(scene, 'web', 'SecretRotated');
  expect(events.filter(({ reason }) => reason === 'RotationHeld')).toEqual([
    expect.objectContaining({
      type: 'Warning',
      count: 1,
      note: expect.stringContaining('argocd-controller'),
    }),
  ]);
});

test('guard 1: setting revokePreviousSecret to false lets the rotation go ahead, and retains', async () => {
  const { scene, first } = await heldByRevocation();
  await scene.edit('web', { revokePreviousSecret: false });
  const rotated = await scene.published('web', 2);
  expect(clientSecrets(await scene.secret('web')).previous).toBe(first);
  expect(conditionOf(rotated, 'RotationHeld')).toBeUndefined();
  expect(conditionOf(rotated, 'Ready')?.reason).toBe('Published');
});

test('guard 1: setting retainPreviousFor to 0s lets the rotation go ahead, without retaining', async () => {
  const { scene, first } = await heldByRevocation();
  await scene.edit('web', { rotation: { retainPreviousFor: '0s' } });
  const rotated = await scene.published('web', 2);
  const { current, previous } = clientSecrets(await scene.secret('web'));
  expect(current).not.toBe(first);
  expect(previous).toBeUndefined();
  expect(conditionOf(rotated, 'RotationHeld')).toBeUndefined();
});

test('guard 1: with retainPreviousFor 0s nothing is held', async () => {
  const scene = await Scene.start();
  const rotation = { rotateAfter: scene.time(HOUR), retainPreviousFor: '0s' };
  await issue(scene, 'web', { revokePreviousSecret: true, rotation });
  scene.clock.advance(HOUR);
  const rotated = await scene.published('web', 2);
  expect(conditionOf(rotated, 'RotationHeld')).toBeUndefined();
});

test('guards hold back rotateAfter and every alone: revokeIssuedBefore goes ahead', async () => {
  const { scene, first } = await heldByRevocation();
  await scene.edit('web', { revokeIssuedBefore: scene.time() });
  const replaced = await scene.published('web', 2);
  const { current, previous } = clientSecrets(await scene.secret('web'));
  expect(current).not.toBe(first);
  expect(previous).toBeUndefined();
  // The replacement satisfies rotateAfter too.
  expect(conditionOf(replaced, 'RotationHeld')).toBeUndefined();
});

/** An application whose rotation is due while version 1 is retained until 24 h after its start. */
async function heldByRetention(rotation: (scene: Scene) => Readonly<Record<string, string>>) {
  const scene = await Scene.start();
  const secrets = await issueAndRotate(scene, 'web');
  await scene.edit('web', { rotation: rotation(scene) });
  scene.clock.advance(HOUR);
  const reason = 'PreviousSecretRetained';
  const held = await whenCondition(scene, 'web', 'RotationHeld', { status: 'True', reason });
  return { scene, held, ...secrets };
}

test.for<[string, (scene: Scene) => Readonly<Record<string, string>>]>([
  ['rotateAfter', (scene) => ({ rotateAfter: scene.time(HOUR) })],
  ['every', () => ({ every: '1h', retainPreviousFor: '1m' })],
])('guard 2: a rotation by %s waits for the end of the retained secret', async ([field, edit]) => {
  const { scene, held, first, second } = await heldByRetention(edit);
  const until = held.status?.previousSecret?.expiresAt ?? 'no time';
  expect(conditionOf(held, 'Ready')).toMatchObject({ status: 'True', reason: 'RotationHeld' });
  expect(conditionOf(held, 'RotationHeld')?.message).toContain(`spec.rotation.${field}`);
  expect(conditionOf(held, 'RotationHeld')?.message).toContain(until);
  expect(held.status?.nextRotationTime).toBe(until);

  scene.clock.advance(22 * HOUR + 50 * MINUTE);
  await looksAgain(scene, 'web');
  expect(clientSecrets(await scene.secret('web'))).toEqual({ current: second, previous: first });

  scene.clock.advance(10 * MINUTE);
  const rotated = await scene.published('web', 3);
  expect(clientSecrets(await scene.secret('web')).previous).toBe(second);
  expect(conditionOf(rotated, 'RotationHeld')).toBeUndefined();
});

test('guard 2: revoking the retained secret lets the rotation go ahead', async () => {
  const { scene, second } = await heldByRetention((at) => ({ rotateAfter: at.time(HOUR) }));
  await scene.edit('web', { revokeRetiredBefore: scene.time() });
  const rotated = await scene.published('web', 3);
  expect(clientSecrets(await scene.secret('web')).previous).toBe(second);
  expect(conditionOf(rotated, 'RotationHeld')).toBeUndefined();
});

test('guard 2: revokePreviousSecret: true ends the retained secret, then guard 1 holds', async () => {
  const { scene, second } = await heldByRetention((at) => ({ rotateAfter: at.time(HOUR) }));
  await scene.edit('web', { revokePreviousSecret: true });
  await whenEnded(scene, 'web', 'Requested');
  await whenCondition(scene, 'web', 'RotationHeld', { reason: 'RevokePreviousSecretIsTrue' });
  expect(clientSecrets(await scene.secret('web'))).toEqual({
    current: second,
    previous: undefined,
  });
});

test('guard 2: also with retainPreviousFor 0s, what was promised to live is not evicted', async () => {
  const { scene, first, second } = await heldByRetention((at) => ({
    rotateAfter: at.time(HOUR),
    retainPreviousFor: '0s',
  }));
  expect(clientSecrets(await scene.secret('web'))).toEqual({ current: second, previous: first });
});

test('guard 2: every waits for the retained secret without being held, where it has the time', async () => {
  const scene = await Scene.start();
  await issue(scene, 'web', { rotation: { every: '100h', retainPreviousFor: '95h' } });
  await rotate(scene, 'web');
  const { status } = await scene.published('web', 2);
  scene.clock.advance(95 * HOUR - MINUTE);
  await looksAgain(scene, 'web');
  const waiting = await scene.published('web', 2);
  expect(conditionOf(waiting, 'RotationHeld')).toBeUndefined();
  expect(String(status?.nextRotationTime) >= String(status?.previousSecret?.expiresAt)).toBe(true);
});
