import { expect, test } from 'vitest';
import { eventually } from '../setup/cluster.ts';
import {
  clientSecrets,
  conditionOf,
  HOUR,
  MINUTE,
  plainValue,
  Scene,
  startOperator,
} from './harness.ts';
import { clientsOf, eventsUntil, looksAgain } from './observe.ts';
import {
  base64,
  currentOf,
  issue,
  issueAndRotate,
  rotate,
  whenCondition,
  whenEnded,
} from './steps.ts';

const currentKey = (text: string | null) => ({
  data: { 'client-secret': text === null ? null : base64(text) },
});

test('a value replaced by hand becomes the next version, issued when it was noticed', async () => {
  const scene = await Scene.start();
  await issue(scene, 'web');
  scene.clock.advance(HOUR);
  const before = scene.time();
  await scene.tamper('web', currentKey('made-by-hand'));

  const application = await scene.published('web', 2);
  expect(String(application.status?.currentSecret?.issuedAt) >= before).toBe(true);
  const secret = await scene.secret('web');
  expect(clientSecrets(secret)).toEqual({ current: 'made-by-hand', previous: undefined });
  expect(secret.metadata.annotations).toMatchObject({ 'keyturn.dev/secret-version': '2' });
  expect(application.status?.lastRevocation).toMatchObject({ version: 1, reason: 'NotRetained' });
  const events = await eventsUntil(scene, 'web', 'ExternalSecretAccepted');
  expect(events.at(-1)).toMatchObject({ type: 'Warning', count: 1 });
  expect(JSON.stringify(events)).not.toContain('made-by-hand');
});

test('a value replaced by hand while the operator was down is accepted too', async () => {
  const scene = await Scene.start();
  await issue(scene, 'web');
  await scene.handle.stop();
  await scene.tamper('web', currentKey('made-by-hand'));
  await startOperator({ namespaces: [scene.namespace], clock: scene.clock });
  await scene.published('web', 2);
  expect(currentOf(await scene.secret('web'))).toBe('made-by-hand');
});

test('a value replaced by hand: one that is retained goes on to its expiry', async () => {
  const scene = await Scene.start();
  const { first } = await issueAndRotate(scene, 'web');
  const before = await scene.application('web');
  await scene.tamper('web', currentKey('made-by-hand'));
  const after = await scene.published('web', 3);
  expect(clientSecrets(await scene.secret('web'))).toEqual({
    current: 'made-by-hand',
    previous: first,
  });
  expect(after.status?.previousSecret).toEqual(before.status?.previousSecret);
});

test('a value replaced by hand is rotated and retained like any other', async () => {
  const scene = await Scene.start();
  await issue(scene, 'web');
  await scene.tamper('web', currentKey('made-by-hand'));
  await scene.published('web', 2);
  const { current, previous } = await rotate(scene, 'web');
  expect(previous).toBe('made-by-hand');

  // Once it has been replaced it is a former one.
  await scene.edit('web', { revokePreviousSecret: true });
  await whenEnded(scene, 'web', 'Requested');
  await scene.tamper('web', currentKey('made-by-hand'));
  await scene.published('web', 4);
  expect([current, 'made-by-hand']).not.toContain(currentOf(await scene.secret('web')));
});

test('a revoked value is never accepted again: a new one is issued', async () => {
  const scene = await Scene.start();
  const leaked = await issue(scene, 'web');
  await scene.edit('web', { revokeIssuedBefore: scene.time() });
  await scene.published('web', 2);
  await clientsOf('argocd-controller').secrets.mergePatch(
    { namespace: scene.namespace, name: 'web' },
    currentKey(leaked),
  );
  const application = await scene.published('web', 3);
  expect(currentOf(await scene.secret('web'))).not.toBe(leaked);
  expect(conditionOf(application, 'Stalled')).toBeUndefined();
  const events = await eventsUntil(scene, 'web', 'FormerSecretRestored');
  expect(events.at(-1)).toMatchObject({
    type: 'Warning',
    note: expect.stringContaining('argocd-controller'),
  });
});

test('a value put back that is still retained is not accepted either, and stays retained', async () => {
  const scene = await Scene.start();
  const { first, second } = await issueAndRotate(scene, 'web');
  await scene.tamper('web', currentKey(first));
  await scene.published('web', 3);
  const { current, previous } = clientSecrets(await scene.secret('web'));
  expect([first, second]).not.toContain(current);
  expect(previous).toBe(first);

  // What had been current was not retained, and is former now.
  await scene.tamper('web', currentKey(second));
  await scene.reaches('web', ({ status }) => expect(status?.currentSecret?.version).toBe(4));
  expect(currentOf(await scene.secret('web'))).not.toBe(second);
});

test('a former value put back while the operator was down is not accepted', async () => {
  const scene = await Scene.start();
  const { first } = await issueAndRotate(scene, 'web');
  await scene.edit('web', { revokePreviousSecret: true });
  await whenEnded(scene, 'web', 'Requested');
  await scene.handle.stop();
  await scene.tamper('web', currentKey(first));
  await startOperator({ namespaces: [scene.namespace], clock: scene.clock });
  await scene.published('web', 3);
  expect(currentOf(await scene.secret('web'))).not.toBe(first);
});

test('a value that was removed is former, and older ones stay so', async () => {
  const scene = await Scene.start();
  const { first, second } = await issueAndRotate(scene, 'web');
  await scene.tamper('web', currentKey(null));
  await scene.published('web', 3);
  for (const value of [second, first]) {
    await scene.tamper('web', currentKey(value));
    await eventually(async () => expect(currentOf(await scene.secret('web'))).not.toBe(value));
  }
});

/** Has a former value put back, and resolves once it was replaced: `times` times in a row. */
async function restoreRepeatedly(scene: Scene, times: number): Promise<string> {
  const leaked = await issue(scene, 'web');
  await rotate(scene, 'web');
  for (let count = 0; count < times; count += 1) {
    await putBack(scene, leaked);
    await eventually(async () => expect(currentOf(await scene.secret('web'))).not.toBe(leaked));
  }
  return leaked;
}

async function putBack(scene: Scene, value: string): Promise<void> {
  const ref = { namespace: scene.namespace, name: 'web' };
  await clientsOf('flux').secrets.mergePatch(ref, currentKey(value));
}

test('a former value put back repeatedly: Stalled names the field manager', async () => {
  const scene = await Scene.start();
  await restoreRepeatedly(scene, 2);
  const stalled = await whenCondition(scene, 'web', 'Stalled', { reason: 'FormerSecretRestored' });
  expect(stalled.status?.currentSecret?.version).toBe(4);
  expect(conditionOf(stalled, 'Stalled')?.message).toContain('"flux"');
  expect(conditionOf(stalled, 'Ready')?.status).toBe('False');

  scene.clock.advance(HOUR);
  const recovered = await scene.published('web', 4);
  expect(conditionOf(recovered, 'Stalled')).toBeUndefined();
});

test('a former value put back repeatedly is replaced once a minute at most', async () => {
  const scene = await Scene.start();
  const leaked = await restoreRepeatedly(scene, 2);
  await whenCondition(scene, 'web', 'Stalled', { reason: 'FormerSecretRestored' });
  await putBack(scene, leaked);
  await looksAgain(scene, 'web');
  expect(currentOf(await scene.secret('web'))).toBe(leaked);
  const { status } = await scene.application('web');
  expect(status?.currentSecret?.version).toBe(4);

  scene.clock.advance(MINUTE);
  await scene.reaches('web', (application) =>
    expect(application.status?.currentSecret?.version).toBe(5),
  );
  expect(currentOf(await scene.secret('web'))).not.toBe(leaked);
});

test('a former value put back repeatedly: revocation and expiry go on', async () => {
  const scene = await Scene.start();
  const leaked = await restoreRepeatedly(scene, 2);
  await putBack(scene, leaked);
  await looksAgain(scene, 'web');
  await scene.edit('web', { revokePreviousSecret: true });
  await whenEnded(scene, 'web', 'Requested');
});

test.for([
  ['removed', { data: { 'client-secret': null } }],
  ['emptied', { data: { 'client-secret': '' } }],
  ['removed with all other data', { data: null }],
] as const)('a client secret that was %s is issued anew', async ([, patch]) => {
  const scene = await Scene.start();
  const first = await issue(scene, 'web', { clientID: 'web-shop' });
  await scene.tamper('web', patch);
  const application = await scene.published('web', 2);
  const secret = await scene.secret('web');
  expect(currentOf(secret)).toMatch(/^.{43}$/);
  expect(currentOf(secret)).not.toBe(first);
  expect(plainValue(secret, 'client-id')).toBe('web-shop');
  expect(conditionOf(application, 'PreviousSecretRetained')?.status).toBe('False');
});
