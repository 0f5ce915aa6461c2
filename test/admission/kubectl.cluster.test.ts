import { expect, onTestFinished, test } from 'vitest';
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
    'verifyRevocation',
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
    // The category shows what is cluster-wide too, which other tests make.
    const namespaced = stdout.split('\n').filter((line) => !line.startsWith('clusteroidcprovider'));
    expect(namespaced).toEqual(['oidcapplication.keyturn.dev/web', '']);
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

test.for([
  ['OIDCProvider', 'oidcprov'],
  ['ClusterOIDCProvider', 'coidcprov'],
] as const)('kubectl get shows the state of a %s', async ([kind, shortName]) => {
  const name = `keycloak-${await testNamespace('kubectl')}`;
  const object = {
    apiVersion: 'keyturn.dev/v1alpha1',
    kind,
    metadata: { name },
    spec: {
      keycloak: { url: 'https://sso.example.com', realm: 'shop' },
      credentialsSecretRef: { name: 'credentials' },
    },
  };
  await cluster.apply(JSON.stringify(object));
  onTestFinished(async () => {
    await cluster.kubectl(['delete', shortName, name]);
  });
  const status = {
    type: 'Keycloak',
    issuer: 'https://sso.example.com/realms/shop',
    conditions: [
      {
        type: 'Ready',
        status: 'True',
        reason: 'Checked',
        message: '',
        lastTransitionTime: '2026-11-24T10:00:00Z',
      },
    ],
  };
  const patch = ['--subresource=status', '--type=merge', '--patch', JSON.stringify({ status })];
  await cluster.kubectl(['patch', shortName, name, ...patch]);
  const { stdout } = await cluster.kubectl(['get', shortName, name, '--output=wide']);
  expect(cells(stdout)).toEqual([
    ['NAME', 'READY', 'TYPE', 'ISSUER', 'AGE', 'REASON'],
    [name, 'True', 'Keycloak', status.issuer, expect.stringMatching(/^\d+s$/), 'Checked'],
  ]);
});
