import { expect, onTestFinished, test } from 'vitest';
import { cluster, eventually } from '../setup/cluster.ts';
import { clientSecrets, conditionOf, DAY, HOUR, Scene, startOperator } from './harness.ts';
import {
  eventsUntil,
  kubectl,
  looksAgain,
  looksAtSecretAgain,
  metricReaches,
  writesDuring,
} from './observe.ts';
import { currentOf, issue, issueAndRotate, whenCondition, whenEnded } from './steps.ts';

async function deleteApplication(scene: Scene): Promise<void> {
  await kubectl(scene, 'delete', 'oidcapp/web', '--timeout=30s');
}

test('Retain: the Secret outlives the application untouched, without an owner', async () => {
  const scene = await Scene.start();
  await issueAndRotate(scene, 'web');
  const before = await scene.secret('web');
  expect(before.metadata.ownerReferences).toBeUndefined();
  expect(before.metadata.finalizers).toBeUndefined();

  await deleteApplication(scene);
  await looksAtSecretAgain(scene, 'web');
  const after = await scene.secret('web');
  expect(after.data).toEqual(before.data);
  expect(after.metadata.annotations).toMatchObject(before.metadata.annotations ?? {});
});

test('Retain: an application of the same name takes the Secret up, without a write to it', async () => {
  const scene = await Scene.start();
  const { first, second } = await issueAndRotate(scene, 'web', { clientID: 'web-shop' });
  const before = await scene.application('web');
  await deleteApplication(scene);
  const { metadata } = await scene.secret('web');

  await scene.create('web', { clientID: 'web-shop' });
  const after = await scene.published('web', 2);
  expect(after.metadata.uid).not.toBe(before.metadata.uid);
  expect(after.status?.currentSecret).toEqual(before.status?.currentSecret);
  expect(after.status?.previousSecret).toEqual(before.status?.previousSecret);
  await looksAgain(scene, 'web');
  const secret = await scene.secret('web');
  expect(secret.metadata.resourceVersion).toBe(metadata.resourceVersion);
  expect(clientSecrets(secret)).toEqual({ current: second, previous: first });
});

test('Retain: deleted and created again while the operator was down, nothing rotates', async () => {
  const scene = await Scene.start();
  const { first, second } = await issueAndRotate(scene, 'web');
  await scene.handle.stop();
  await deleteApplication(scene);
  await scene.create('web');
  await startOperator({ namespaces: [scene.namespace], clock: scene.clock });
  await scene.published('web', 2);
  expect(clientSecrets(await scene.secret('web'))).toEqual({ current: second, previous: first });
});

test('Retain: what was revoked before the deletion stays revoked after it', async () => {
  const scene = await Scene.start();
  const { second } = await issueAndRotate(scene, 'web');
  await scene.edit('web', { revokePreviousSecret: true });
  await whenEnded(scene, 'web', 'Requested');
  await deleteApplication(scene);
  await scene.create('web');
  const application = await scene.published('web', 2);
  expect(clientSecrets(await scene.secret('web'))).toEqual({
    current: second,
    previous: undefined,
  });
  expect(conditionOf(application, 'PreviousSecretRetained')?.reason).toBe('Revoked');
});

test('Retain: a retained previous secret ends at its expiry although the application is gone', async () => {
  const scene = await Scene.start();
  const { first, second } = await issueAndRotate(scene, 'web', {
    rotation: { retainPreviousFor: '2h' },
  });
  await deleteApplication(scene);
  scene.clock.advance(HOUR);
  await looksAtSecretAgain(scene, 'web');
  expect(clientSecrets(await scene.secret('web'))).toEqual({ current: second, previous: first });
  await metricReaches(scene.handle, 'keyturn_previous_secrets_retained', 1);

  scene.clock.advance(HOUR);
  await eventually(async () =>
    expect(clientSecrets(await scene.secret('web'))).toEqual({
      current: second,
      previous: undefined,
    }),
  );
  const events = await eventsUntil(scene, 'web', 'PreviousSecretExpired');
  expect(events.at(-1)).toMatchObject({ type: 'Normal', count: 1 });
});

test('Retain: it also ends if the operator was restarted in the meantime', async () => {
  const scene = await Scene.start();
  await issueAndRotate(scene, 'web');
  await deleteApplication(scene);
  await scene.handle.stop();
  scene.clock.advance(HOUR);
  await startOperator({ namespaces: [scene.namespace], clock: scene.clock });
  scene.clock.advance(DAY);
  await eventually(async () =>
    expect(clientSecrets(await scene.secret('web')).previous).toBeUndefined(),
  );
});

test('Retain: created again at an identity provider, what its former Secret retains still ends', async () => {
  const scene = await Scene.start();
  const { second } = await issueAndRotate(scene, 'web', {
    rotation: { retainPreviousFor: '2h' },
  });
  await deleteApplication(scene);
  await scene.create('web', { providerRef: { kind: 'OIDCProvider', name: 'keycloak' } });
  const conflict = { status: 'True', reason: 'SecretConflict' };
  await whenCondition(scene, 'web', 'Stalled', conflict);
  const { metadata } = await scene.secret('web');
  await looksAgain(scene, 'web');
  expect((await scene.secret('web')).metadata.resourceVersion).toBe(metadata.resourceVersion);

  scene.clock.advance(2 * HOUR);
  await eventually(async () => {
    expect(clientSecrets(await scene.secret('web'))).toEqual({
      current: second,
      previous: undefined,
    });
  });
  const events = await eventsUntil(scene, 'web', 'PreviousSecretExpired');
  expect(events.at(-1)).toMatchObject({ type: 'Normal', count: 1 });
  await whenCondition(scene, 'web', 'Stalled', conflict);
});

test('Retain: without its application nothing but expiry is done to a Secret', async () => {
  const scene = await Scene.start();
  await issueAndRotate(scene, 'web', { rotation: { every: '100h' } });
  await deleteApplication(scene);
  const tampered = await scene.tamper('web', {
    data: { 'client-secret': null },
    metadata: { labels: { 'keyturn.dev/application': null } },
  });
  const writes = await writesDuring(scene.handle, () => looksAtSecretAgain(scene, 'web'));
  expect(writes).toEqual({});
  expect((await scene.secret('web')).data).toEqual(tampered.data);
});

const isOwner = (scene: Scene) => async () => {
  const { uid } = (await scene.application('web')).metadata;
  const { ownerReferences } = (await scene.secret('web')).metadata;
  expect(ownerReferences).toEqual([
    expect.objectContaining({ kind: 'OIDCApplication', name: 'web', uid, controller: true }),
  ]);
};

// The garbage collector looks for new kinds of resources every 30 seconds.
const collected = (scene: Scene) =>
  eventually(async () => expect(await scene.findSecret('web')).toBeUndefined(), {
    timeoutMs: 90_000,
  });

test('Delete: the application is the owner, and garbage collection removes the Secret', async () => {
  const scene = await Scene.start();
  await issue(scene, 'web', { deletionPolicy: 'Delete' });
  await isOwner(scene)();
  await deleteApplication(scene);
  await collected(scene);
}, 120_000);

test('Delete: an application created again at once gets a new Secret, and nothing hangs', async () => {
  const scene = await Scene.start();
  const first = await issue(scene, 'web', { deletionPolicy: 'Delete' });
  await deleteApplication(scene);
  await scene.create('web', { deletionPolicy: 'Delete' });
  await eventually(async () => expect(currentOf(await scene.secret('web'))).not.toBe(first), {
    timeoutMs: 90_000,
  });
  const application = await scene.published('web', 1);
  expect(conditionOf(application, 'Stalled')).toBeUndefined();
  await eventually(async () => {
    const reasons = (await eventsUntil(scene, 'web', 'SecretIssued')).map(({ reason }) => reason);
    expect(reasons.filter((reason) => reason === 'SecretIssued')).toHaveLength(2);
    expect(reasons).not.toContain('SecretConflict');
  });
}, 120_000);

const COLLECTOR = 'system:serviceaccount:kube-system:generic-garbage-collector';

/** Keeps the garbage collector from deleting Secrets in the scene's namespace, until released. */
async function holdOffCollector(scene: Scene): Promise<() => Promise<void>> {
  const { namespace } = scene;
  const name = `hold-off-collector.${namespace}`;
  await cluster.apply(`
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: ${name}}
spec:
  matchConstraints:
    resourceRules:
      - {apiGroups: [""], apiVersions: [v1], operations: [DELETE], resources: [secrets]}
  validations: [{expression: "request.userInfo.username != '${COLLECTOR}'"}]
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: ${name}}
spec:
  policyName: ${name}
  validationActions: [Deny]
  matchResources: {namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: ${namespace}}}}
`);
  const release = async () => {
    const kinds = ['validatingadmissionpolicybinding', 'validatingadmissionpolicy'];
    await kubectl(scene, 'delete', ...kinds.map((kind) => `${kind}/${name}`), '--ignore-not-found');
  };
  onTestFinished(release);
  const attempt = ['delete', 'secret/web', '--dry-run=server', `--as=${COLLECTOR}`];
  await eventually(() => expect(kubectl(scene, ...attempt)).rejects.toThrow(name));
  return release;
}

test('Delete: until garbage collection comes, a new application waits without being Stalled', async () => {
  const scene = await Scene.start();
  const first = await issue(scene, 'web', { deletionPolicy: 'Delete' });
  const release = await holdOffCollector(scene);
  await deleteApplication(scene);
  await scene.create('web', { deletionPolicy: 'Delete' });
  const waiting = await whenCondition(scene, 'web', 'Ready', { reason: 'SecretTerminating' });
  expect(conditionOf(waiting, 'Stalled')).toBeUndefined();
  expect(currentOf(await scene.secret('web'))).toBe(first);

  await release();
  await eventually(async () => expect(currentOf(await scene.secret('web'))).not.toBe(first), {
    timeoutMs: 90_000,
  });
  await scene.published('web', 1);
}, 120_000);

test('Delete: while a finalizer holds the old Secret, the application waits without being Stalled', async () => {
  const scene = await Scene.start();
  const first = await issue(scene, 'web', { deletionPolicy: 'Delete' });
  await scene.tamper('web', { metadata: { finalizers: ['example.com/hold'] } });
  await deleteApplication(scene);
  await scene.create('web');
  const waiting = await whenCondition(scene, 'web', 'Ready', { reason: 'SecretTerminating' });
  expect(conditionOf(waiting, 'Stalled')).toBeUndefined();
  expect(currentOf(await scene.secret('web'))).toBe(first);

  await eventually(
    async () => {
      const { deletionTimestamp } = (await scene.secret('web')).metadata;
      expect(deletionTimestamp).toBeDefined();
    },
    { timeoutMs: 90_000 },
  );
  await scene.tamper('web', { metadata: { finalizers: null } });
  await scene.published('web', 1);
  expect(currentOf(await scene.secret('web'))).not.toBe(first);
}, 120_000);

test('deletionPolicy switched to Delete and back: the owner comes and goes, nothing rotates', async () => {
  const scene = await Scene.start();
  const { first, second } = await issueAndRotate(scene, 'web');
  await scene.edit('web', { deletionPolicy: 'Delete' });
  await scene.published('web', 2);
  await isOwner(scene)();

  await scene.edit('web', { deletionPolicy: 'Retain' });
  await scene.published('web', 2);
  const secret = await scene.secret('web');
  expect(secret.metadata.ownerReferences).toBeUndefined();
  expect(clientSecrets(secret)).toEqual({ current: second, previous: first });

  await deleteApplication(scene);
  await looksAtSecretAgain(scene, 'web');
  expect(clientSecrets(await scene.secret('web'))).toEqual({ current: second, previous: first });
});

test('an owner reference that was taken away or added is put right', async () => {
  const scene = await Scene.start();
  await issue(scene, 'web', { deletionPolicy: 'Delete' });
  await scene.tamper('web', { metadata: { ownerReferences: null } });
  await eventually(isOwner(scene));
  await whenCondition(scene, 'web', 'Ready', { status: 'True' });
});
