import { expect, test } from 'vitest';
import { admin, clientSecrets, conditionOf, DAY, HOUR, MINUTE, Scene } from './harness.ts';
import { looksAgain, metricReaches } from './observe.ts';
import { currentOf, issue, issueAndRotate, rotate, whenCondition, whenEnded } from './steps.ts';

test('an immutable Secret: Stalled with what to do; once it is deleted, recovered', async () => {
  const scene = await Scene.start();
  const { first, second } = await issueAndRotate(scene, 'web');
  await scene.tamper('web', { immutable: true });
  const stalled = await whenCondition(scene, 'web', 'Stalled', { reason: 'SecretImmutable' });
  expect(conditionOf(stalled, 'Stalled')?.message).toContain('Make it anew without immutable');
  expect(conditionOf(stalled, 'Ready')).toMatchObject({ status: 'False' });
  expect(conditionOf(stalled, 'PreviousSecretRetained')).toMatchObject({
    status: 'True',
    reason: 'Retained',
  });

  await admin.secrets.delete({ namespace: scene.namespace, name: 'web' });
  const recovered = await scene.published('web', 3);
  expect(conditionOf(recovered, 'Stalled')).toBeUndefined();
  expect([first, second]).not.toContain(currentOf(await scene.secret('web')));
});

test.for<[string, (scene: Scene) => Promise<unknown>]>([
  ['revokePreviousSecret', (scene) => scene.edit('web', { revokePreviousSecret: true })],
  ['revokeRetiredBefore', (scene) => scene.edit('web', { revokeRetiredBefore: scene.time() })],
  ['revokeIssuedBefore', (scene) => scene.edit('web', { revokeIssuedBefore: scene.time() })],
  ['its expiry', async (scene) => scene.clock.advance(DAY)],
])('an immutable Secret: what %s should have ended is pending and overdue', async ([, end]) => {
  const scene = await Scene.start();
  await issueAndRotate(scene, 'web');
  await scene.tamper('web', { immutable: true });
  await whenCondition(scene, 'web', 'Stalled', { reason: 'SecretImmutable' });
  await end(scene);
  await whenCondition(scene, 'web', 'PreviousSecretRetained', {
    status: 'True',
    reason: 'RevocationPending',
  });
  await metricReaches(scene.handle, 'keyturn_revocations_overdue', 1);
  await metricReaches(scene.handle, 'keyturn_applications_stalled', 1);
});

const malformed = 'keyturn.dev/';
test.for<[string, string | null]>([
  ['secret-version', 'three'],
  ['secret-version', null],
  ['issued-at', 'yesterday'],
  ['issued-at', null],
  ['previous-version', '0'],
  ['previous-issued-at', null],
  ['previous-retired-at', 'x'],
  ['previous-expires-at', '2026-13-01T00:00:00Z'],
  ['state', '{'],
  ['state', null],
])('a malformed annotation %s: %s: Stalled, nothing is dropped', async ([name, value]) => {
  const scene = await Scene.start();
  const { first, second } = await issueAndRotate(scene, 'web');
  const { annotations = {} } = (await scene.secret('web')).metadata;
  await scene.tamper('web', { metadata: { annotations: { [malformed + name]: value } } });

  const stalled = await whenCondition(scene, 'web', 'Stalled', { reason: 'SecretMalformed' });
  expect(conditionOf(stalled, 'Stalled')?.message).toContain(malformed + name);
  expect(conditionOf(stalled, 'Ready')).toMatchObject({ status: 'False' });
  expect(conditionOf(stalled, 'PreviousSecretRetained')?.status).not.toBe('False');
  expect(stalled.status?.previousSecret?.version).toBe(1);

  const { resourceVersion } = (await scene.secret('web')).metadata;
  await scene.edit('web', { revokePreviousSecret: true });
  await whenCondition(scene, 'web', 'Stalled', { reason: 'SecretMalformed' });
  scene.clock.advance(DAY + HOUR);
  await looksAgain(scene, 'web');
  const secret = await scene.secret('web');
  expect(clientSecrets(secret)).toEqual({ current: second, previous: first });
  expect(Number(secret.metadata.resourceVersion)).toBe(Number(resourceVersion));

  await scene.edit('web', { revokePreviousSecret: false });
  // Applications and Secrets come by watches of their own: the other one may be quicker.
  await whenCondition(scene, 'web', 'Stalled', { reason: 'SecretMalformed' });
  const right = { [malformed + name]: annotations[malformed + name] };
  await scene.tamper('web', { metadata: { annotations: right } });
  const recovered = await whenEnded(scene, 'web', 'Expired');
  expect(conditionOf(recovered, 'Stalled')).toBeUndefined();
  expect((await rotate(scene, 'web')).previous).toBe(second);
});

test('a malformed annotation: another secret.name does not get round it', async () => {
  const scene = await Scene.start();
  const { first, second } = await issueAndRotate(scene, 'web');
  await scene.tamper('web', { metadata: { annotations: { 'keyturn.dev/state': 'x' } } });
  await whenCondition(scene, 'web', 'Stalled', { reason: 'SecretMalformed' });
  await scene.edit('web', { secret: { name: 'other' } });
  await whenCondition(scene, 'web', 'Stalled', { reason: 'SecretMalformed' });
  await looksAgain(scene, 'web');
  expect(await scene.findSecret('other')).toBeUndefined();
  expect(clientSecrets(await scene.secret('web'))).toEqual({ current: second, previous: first });
});

test.for<[string, Readonly<Record<string, unknown>>, Readonly<Record<string, unknown>>]>([
  [
    'SecretMalformed',
    { metadata: { labels: null, annotations: { 'keyturn.dev/issued-at': 'x' } } },
    { metadata: { annotations: { 'keyturn.dev/issued-at': '2026-11-24T10:00:00Z' } } },
  ],
  ['SecretImmutable', { immutable: true, metadata: { labels: null } }, {}],
])(
  '%s of a Secret without its label, which no watch tells of: recovers within a minute',
  async ([reason, patch, right]) => {
    const scene = await Scene.start();
    await issue(scene, 'web');
    await scene.tamper('web', patch);
    await whenCondition(scene, 'web', 'Stalled', { reason });
    if (reason === 'SecretMalformed') await scene.tamper('web', right);
    else await admin.secrets.delete({ namespace: scene.namespace, name: 'web' });
    scene.clock.advance(MINUTE);
    const recovered = await whenCondition(scene, 'web', 'Ready', { status: 'True' });
    expect(conditionOf(recovered, 'Stalled')).toBeUndefined();
  },
);
