import { expect, test } from 'vitest';
import { eventually } from '../setup/cluster.ts';
import { admin, clientSecrets, Scene, startOperator } from './harness.ts';
import { looksAgain } from './observe.ts';
import { issue, issueAndRotate, rotate, whenCondition } from './steps.ts';

const OURS = { 'app.kubernetes.io/managed-by': 'keyturn', 'keyturn.dev/application': 'web' };

async function labelsOf(scene: Scene, name = 'web') {
  return (await scene.secret(name)).metadata.labels;
}

/** The Secret's annotations but for Keyturn's own. */
async function annotationsOf(scene: Scene): Promise<Record<string, string>> {
  const { annotations = {} } = (await scene.secret('web')).metadata;
  const own = ([name]: [string, string]) => !name.startsWith('keyturn.dev/');
  return Object.fromEntries(Object.entries(annotations).filter(own));
}

test('spec.secret.labels and .annotations are set, changed, and removed when spec drops them', async () => {
  const scene = await Scene.start();
  const secret = { labels: { a: '1', b: '2' }, annotations: { 'x.io/a': '1', 'x.io/b': '2' } };
  await issue(scene, 'web', { secret });
  expect(await labelsOf(scene)).toEqual({ ...OURS, a: '1', b: '2' });
  expect(await annotationsOf(scene)).toEqual({ 'x.io/a': '1', 'x.io/b': '2' });

  const edited = {
    labels: { a: null, b: '3', c: '4' },
    annotations: { 'x.io/a': null, 'x.io/b': '3' },
  };
  await scene.edit('web', { secret: edited });
  await scene.published('web', 1);
  expect(await labelsOf(scene)).toEqual({ ...OURS, b: '3', c: '4' });
  expect(await annotationsOf(scene)).toEqual({ 'x.io/b': '3' });

  await scene.edit('web', { secret: { labels: null, annotations: null } });
  await scene.published('web', 1);
  expect(await labelsOf(scene)).toEqual(OURS);
  expect(await annotationsOf(scene)).toEqual({});
});

test('labels and annotations that spec drops while the operator is down are removed', async () => {
  const scene = await Scene.start();
  await issue(scene, 'web', { secret: { labels: { a: '1' } } });
  await scene.handle.stop();
  await scene.edit('web', { secret: { labels: null } });
  await startOperator({ namespaces: [scene.namespace], clock: scene.clock });
  await scene.published('web', 1);
  expect(await labelsOf(scene)).toEqual(OURS);
});

test('foreign labels and annotations stay, through a rotation and a change of spec', async () => {
  const scene = await Scene.start();
  await issue(scene, 'web', { secret: { labels: { ours: '1' } } });
  await scene.tamper('web', {
    metadata: { labels: { theirs: '1' }, annotations: { 'x.io/theirs': '1' } },
  });
  await rotate(scene, 'web');
  await scene.edit('web', { secret: { labels: { ours: null } } });
  await scene.published('web', 2);
  expect(await labelsOf(scene)).toEqual({ ...OURS, theirs: '1' });
  expect(await annotationsOf(scene)).toEqual({ 'x.io/theirs': '1' });
});

test("the application's own labels and annotations are never copied", async () => {
  const scene = await Scene.start();
  const application = {
    apiVersion: 'keyturn.dev/v1alpha1',
    kind: 'OIDCApplication',
    metadata: {
      namespace: scene.namespace,
      name: 'web',
      labels: { 'app.kubernetes.io/instance': 'shop', 'app.kubernetes.io/managed-by': 'Helm' },
      annotations: { 'argocd.argoproj.io/tracking-id': 'shop:keyturn.dev/OIDCApplication:x' },
    },
    spec: {},
  };
  await admin.applications.create(application);
  await scene.published('web', 1);
  await rotate(scene, 'web');
  expect(await labelsOf(scene)).toEqual(OURS);
  expect(await annotationsOf(scene)).toEqual({});
});

test.for([
  ['all labels', { labels: null }],
  ['the label that selects it', { labels: { 'app.kubernetes.io/managed-by': null } }],
  ['the label of the application', { labels: { 'keyturn.dev/application': null } }],
  ['a label of spec', { labels: { 'x.io/team': null } }],
  ['an annotation of spec', { annotations: { 'x.io/note': null } }],
  ['a label of spec, changed', { labels: { 'x.io/team': 'another' } }],
] as const)('%s stripped from the Secret: put right, and nothing rotates', async ([, metadata]) => {
  const scene = await Scene.start();
  const spec = { labels: { 'x.io/team': 'a' }, annotations: { 'x.io/note': 'b' } };
  const { first, second } = await issueAndRotate(scene, 'web', { secret: spec });
  await scene.tamper('web', { metadata });
  await eventually(async () => {
    expect(await labelsOf(scene)).toEqual({ ...OURS, 'x.io/team': 'a' });
    expect(await annotationsOf(scene)).toEqual({ 'x.io/note': 'b' });
  });
  await scene.published('web', 2);
  expect(clientSecrets(await scene.secret('web'))).toEqual({ current: second, previous: first });
});

test('labels stripped while the operator was down are put right', async () => {
  const scene = await Scene.start();
  const { first, second } = await issueAndRotate(scene, 'web');
  await scene.handle.stop();
  await scene.tamper('web', { metadata: { labels: null } });
  await startOperator({ namespaces: [scene.namespace], clock: scene.clock });
  await eventually(async () => expect(await labelsOf(scene)).toEqual(OURS));
  await scene.published('web', 2);
  expect(clientSecrets(await scene.secret('web'))).toEqual({ current: second, previous: first });
});

test('labels stripped during a suspension: revocation and expiry go on all the same', async () => {
  const scene = await Scene.start();
  await issueAndRotate(scene, 'web');
  await scene.edit('web', { suspend: true });
  await whenCondition(scene, 'web', 'Ready', { reason: 'Suspended' });
  await scene.tamper('web', { metadata: { labels: null } });
  await scene.edit('web', { revokePreviousSecret: true });
  await whenCondition(scene, 'web', 'PreviousSecretRetained', { reason: 'Revoked' });
  expect(clientSecrets(await scene.secret('web')).previous).toBeUndefined();
});

test('names longer than a label value allows: the label is cut, the annotation is whole', async () => {
  const scene = await Scene.start();
  const stem = `${'a'.repeat(60)}.${'b'.repeat(60)}`;
  const names = [`${stem}.one`, `${stem}.two`];
  for (const name of names) await scene.create(name);
  const labels: unknown[] = [];
  for (const name of names) {
    await scene.published(name, 1);
    const { metadata } = await scene.secret(name);
    expect(metadata.annotations).toMatchObject({ 'keyturn.dev/application': name });
    const label = metadata.labels?.['keyturn.dev/application'];
    expect(label?.length).toBeLessThanOrEqual(63);
    labels.push(label);
  }
  expect(new Set(labels).size).toBe(2);

  // It is found again by its annotation: nothing is issued twice.
  const [name = ''] = names;
  await rotate(scene, name);
  await looksAgain(scene, name);
  await scene.published(name, 2);
});
