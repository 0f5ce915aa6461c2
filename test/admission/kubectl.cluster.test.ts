import { expect, test } from 'vitest';
import { cluster, testNamespace } from '../setup/cluster.ts';
import { application, create, patchStatus } from './server.ts';

const manifest = (spec: string) =>
  `apiVersion: keyturn.dev/v1alpha1\nkind: OIDCApplication\nmetadata: {name: web}\nspec: ${spec}\n`;

/** Lines of a kubectl table as cells; columns are at least three spaces apart. */
function cells(table: string): string[][] {
  return table
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/ {3,}/));
}

const apply = async (spec: string) => {
  const args = ['apply', '--namespace', await testNamespace('kubectl'), '--filename', '-'];
  return cluster.kubectl(args, { input: manifest(spec) });
};

test('kubectl apply takes a time without quotes', async () => {
  const { stdout } = await apply('{rotation: {rotateAfter: 2026-11-24T10:00:00Z}}');
  expect(stdout).toBe('oidcapplication.keyturn.dev/web created\n');
});

test.for([
  ['{revokePreviousSecrets: true}', 'unknown field "spec.revokePreviousSecrets"'],
  ['{rotation: {rotateafter: x}}', 'unknown field "spec.rotation.rotateafter"'],
  ['{providerRef: {namespace: x}}', 'unknown field "spec.providerRef.namespace"'],
  ['{suspend: "yes"}', 'spec.suspend in body must be of type boolean'],
  ['{rotation: {every: 720}}', 'spec.rotation.every in body must be of type string'],
  ['{rotation: {every: 30d}}', 'spec.rotation.every: Invalid value: "30d": must be from 10m'],
  ['[]', 'spec in body must be of type object'],
] as const)('kubectl apply refuses spec: %s', async ([spec, reason]) => {
  const { stderr, code } = await apply(spec);
  expect(stderr).toContain(reason);
  expect(code).toBe(1);
});

test('kubectl explain describes spec field by field', async () => {
  const { stdout } = await cluster.kubectl(['explain', 'oidcapp.spec']);
  const [, list = ''] = stdout.split('FIELDS:\n');
  // A field begins with two spaces, its description with four.
  const described = list
    .trimEnd()
    .split(/^ {2}(?=\w+\t)/m)
    .slice(1);
  expect(described.map((field) => field.split('\t')[0])).toEqual([
    ...['clientID', 'deletionPolicy', 'providerRef', 'revokeIssuedBefore'],
    ...['revokePreviousSecret', 'revokeRetiredBefore', 'rotation', 'secret', 'suspend'],
  ]);
  for (const field of described) expect(field).toMatch(/^ {4}[A-Z].{20}/m);
  expect(stdout).not.toContain('<no description>');
});

test.for(['oidcapp', 'oidcapplication', 'oidcapplications', 'keyturn'])(
  'kubectl get %s finds applications',
  async (name) => {
    const namespace = await testNamespace('kubectl');
    await create(namespace, application({}));
    const { stdout } = await cluster.kubectl(['get', name, '--namespace', namespace, '-o', 'name']);
    expect(stdout).toBe('oidcapplication.keyturn.dev/web\n');
  },
);

test('kubectl get all leaves applications out, as they are no workload', async () => {
  const namespace = await testNamespace('kubectl');
  await create(namespace, application({}));
  const { stdout } = await cluster.kubectl(['get', 'all', '--namespace', namespace, '-o', 'name']);
  expect(stdout).toBe('');
});

test('kubectl get shows the state, with times to come as they are', async () => {
  const namespace = await testNamespace('kubectl');
  const providerRef = { kind: 'OIDCProvider', name: 'keycloak' };
  await create(namespace, application({ providerRef }));
  await patchStatus(namespace, {
    clientID: 'web-shop',
    secretName: 'web-oidc',
    currentSecret: { version: 3, issuedAt: '2026-11-24T10:00:00.000Z' },
    previousSecret: {
      version: 2,
      issuedAt: '2026-10-24T10:00:00.000Z',
      retiredAt: '2026-11-24T10:00:00.000Z',
      expiresAt: '2099-11-25T10:00:00.000Z',
    },
    nextRotationTime: '2099-12-24T10:00:00.000Z',
    conditions: ['Stalled', 'Ready'].map((type) => ({
      type,
      status: type === 'Ready' ? 'True' : 'False',
      reason: type === 'Ready' ? 'Published' : 'None',
      message: '',
      lastTransitionTime: '2026-11-24T10:00:00Z',
    })),
  });
  const get = ['get', 'oidcapp', '--namespace', namespace];
  const narrow = cells((await cluster.kubectl(get)).stdout);
  const wide = cells((await cluster.kubectl([...get, '-o', 'wide'])).stdout);

  const columns = ['NAME', 'READY', 'VERSION', 'PREVIOUS EXPIRES', 'NEXT ROTATION', 'AGE'];
  const values = ['web', 'True', '3', '2099-11-25T10:00:00.000Z', '2099-12-24T10:00:00.000Z'];
  const age = expect.stringMatching(/^\d+s$/);
  expect(narrow).toEqual([columns, [...values, age]]);
  expect(wide).toEqual([
    [...columns, 'CLIENT ID', 'SECRET', 'PROVIDER', 'REASON'],
    [...values, age, 'web-shop', 'web-oidc', 'keycloak', 'Published'],
  ]);
});
