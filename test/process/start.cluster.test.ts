import { once } from 'node:events';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KubeConfig } from '@kubernetes/client-node';
import { afterAll, expect, onTestFinished, test } from 'vitest';
import { Workspace } from '../controller/harness.ts';
import { cluster, eventually, operatorKubeConfig, testNamespace } from '../setup/cluster.ts';
import { createAuthority } from '../testbed/certificates.ts';
import { freePort } from '../testbed/ports.ts';
import { runOperatorProcess, startOperatorProcess } from './operator-process.ts';

const directory = mkdtempSync(join(tmpdir(), 'keyturn-start-'));
afterAll(() => rm(directory, { recursive: true }));
const working = await operatorKubeConfig();

function file(name: string, content: string): string {
  const path = join(directory, name);
  writeFileSync(path, content, { mode: 0o600 });
  return path;
}

interface Changes {
  readonly server?: string;
  readonly caData?: string;
  readonly user?: { readonly token?: string };
}

/** The path of a kubeconfig like the operator's own, but for `changes`. */
function variant(name: string, changes: Changes): string {
  const { server, caData } = { ...working.kubeConfig.getCurrentCluster(), ...changes };
  const config = new KubeConfig();
  config.loadFromClusterAndUser(
    { name: 'testbed', server: server ?? '', skipTLSVerify: false, ...(caData && { caData }) },
    { name: 'operator', ...(changes.user ?? working.kubeConfig.getCurrentUser()) },
  );
  return file(name, config.exportConfig());
}

/** Runs the operator and expects it to end with status 1 and one entry in its log. */
async function reasonToEnd(kubeconfig: string, ...args: string[]): Promise<string> {
  const { code, output } = await runOperatorProcess({
    args: [`--kubeconfig=${kubeconfig}`, ...args],
  });
  const [last, ...others] = output
    .trimEnd()
    .split('\n')
    .filter((line) => !line.includes('"Starting"'));
  expect({ code, others }).toEqual({ code: 1, others: [] });
  const { level, msg } = JSON.parse(last ?? '');
  expect(level).toBe('fatal');
  expect(msg).not.toContain('\n');
  return msg;
}

const token = 'Zm9yZ290dGVuLXRva2Vu';

test.for<[string, () => string, string]>([
  ['is missing', () => join(directory, 'none'), 'cannot be read: ENOENT'],
  [
    'is malformed',
    () => file('malformed', `users:\n- name: a\n  user: {token: ${token}\n  x: [`),
    'cannot be read: ',
  ],
  ['is empty', () => file('empty', ''), 'cannot be read: '],
  ['is none', () => file('null', 'null\n'), 'cannot be read: it is not a kubeconfig'],
  ['has no context', () => file('no-context', 'clusters: []\n'), 'has no current context'],
  [
    'names a cluster that it does not have',
    () =>
      file(
        'no-cluster',
        'current-context: a\ncontexts: [{name: a, context: {cluster: b, user: c}}]\n',
      ),
    'has no cluster "b", which its context "a" names.',
  ],
])('a kubeconfig that %s ends the start with one line', async ([, path, reason]) => {
  const message = await reasonToEnd(path());
  expect(message).toContain(`The kubeconfig ${path()} `);
  expect(message).toContain(reason);
  expect(message).not.toContain(token);
});

test('an unknown context is named, with those that there are', async () => {
  expect(await reasonToEnd(working.path, '--context=nope')).toMatch(
    /^The kubeconfig .* has no context "nope", but these: loaded-context\.$/,
  );
});

test('without any kubeconfig the line says how to name one', async () => {
  const { code, output } = await runOperatorProcess();
  expect(code).toBe(1);
  expect(JSON.parse(output).msg).toBe(
    'No cluster to connect to: name a kubeconfig with --kubeconfig.',
  );
});

test('an API server that cannot be reached is named', async () => {
  const server = `https://127.0.0.1:${await freePort()}`;
  expect(await reasonToEnd(variant('unreachable', { server }))).toMatch(
    new RegExp(`^The API server at ${server} cannot be reached: .*ECONNREFUSED`),
  );
});

test('an API server of another authority is not trusted', async () => {
  const caData = Buffer.from(createAuthority().certificate).toString('base64');
  expect(await reasonToEnd(variant('wrong-ca', { caData }))).toMatch(
    /cannot be reached: .*certificate/,
  );
});

test('credentials that the API server does not know are refused: 401', async () => {
  const message = await reasonToEnd(variant('401', { user: { token } }));
  expect(message).toContain('does not know the credentials: Unauthorized');
  expect(message).not.toContain(token);
});

test('no credentials at all: 403', async () => {
  expect(await reasonToEnd(variant('anonymous', { user: {} }))).toContain(
    'does not allow it: forbidden: User "system:anonymous"',
  );
});

test('credentials that cannot be obtained', async () => {
  const config = `
clusters: [{name: c, cluster: {server: "${cluster.address.server}"}}]
users: [{name: u, user: {exec: {apiVersion: client.authentication.k8s.io/v1, command: /none}}}]
contexts: [{name: x, context: {cluster: c, user: u}}]
current-context: x
`;
  expect(await reasonToEnd(file('exec', config))).toContain(
    'cannot be asked: cannot obtain the cluster credentials: ',
  );
});

test('without rights the operator waits, says what for, and works once it has them', async () => {
  const user = `reader-${Math.random().toString(36).slice(2)}`;
  const { path } = cluster.kubeConfigFor({ user });
  const operator = await startOperatorProcess({ args: [`--kubeconfig=${path}`] });
  const refused = (resource: string) => `User "${user}" cannot list resource "${resource}"`;
  await eventually(() => {
    expect(operator.output()).toContain(JSON.stringify(refused('oidcapplications')).slice(1, -1));
    expect(operator.output()).toContain(JSON.stringify(refused('secrets')).slice(1, -1));
    expect(operator.output()).toContain(JSON.stringify(refused('oidcproviders')).slice(1, -1));
  });
  expect(await operator.ask('/readyz')).toEqual({
    status: 503,
    body: 'waiting for the caches of OIDCApplications, Secrets and identity providers\n',
  });
  expect((await operator.ask('/healthz')).status).toBe(200);

  await cluster.kubectl([
    'create',
    'clusterrolebinding',
    user,
    '--clusterrole=keyturn',
    `--user=${user}`,
  ]);
  onTestFinished(async () => {
    await cluster.kubectl(['delete', 'clusterrolebinding', user]);
  });
  await operator.untilReady();
  expect(await operator.end('SIGTERM')).toEqual({ code: 0, signal: null });
});

test.for([
  ['the flag', { flags: ['--cluster-providers=false'], env: {} }],
  ['the environment', { flags: [], env: { KEYTURN_CLUSTER_PROVIDERS: 'false' } }],
] as const)(
  'rights on one namespace are enough without cluster providers, by %s',
  async ([, { flags, env }]) => {
    const workspace = new Workspace(await testNamespace());
    const { namespace } = workspace;
    const user = `confined-${namespace}`;
    const { path } = cluster.kubeConfigFor({ user });
    await cluster.kubectl([
      'create',
      'rolebinding',
      user,
      `--namespace=${namespace}`,
      '--clusterrole=keyturn',
      `--user=${user}`,
    ]);
    const args = [`--kubeconfig=${path}`, `--namespaces=${namespace}`, ...flags];
    const operator = await startOperatorProcess({ args, env });
    await operator.untilReady();
    await workspace.create('web');
    await workspace.published('web', 1);
    expect(operator.output()).not.toContain('forbidden');
  },
);

test('a port that is taken is named', async () => {
  const holder = createServer().listen(0, '127.0.0.1');
  onTestFinished(() => {
    holder.close();
  });
  await once(holder, 'listening');
  const address = holder.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  expect(await reasonToEnd(working.path, `--listen=127.0.0.1:${port}`)).toMatch(
    new RegExp(`^Cannot listen on 127.0.0.1:${port} \\(--listen\\): .*EADDRINUSE`),
  );
});
