import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KubeConfig } from '@kubernetes/client-node';
import { expect, onTestFinished, test } from 'vitest';
import { Scene } from '../controller/harness.ts';
import { issue } from '../controller/steps.ts';
import { cluster } from '../setup/cluster.ts';
import { freePort } from '../testbed/ports.ts';
import { keyturn, stdoutOf } from './plugin.ts';

const LIST = ['list', '-o', 'json'];

/** The administrator's kubeconfig with two contexts: one of `namespace`, one of another server. */
function kubeconfigFile(namespace: string, otherServer: string): string {
  const { kubeConfig } = cluster.adminKubeConfig;
  const [own] = kubeConfig.getClusters();
  const [user] = kubeConfig.getUsers();
  if (own === undefined || user === undefined) throw new Error('an empty kubeconfig');
  const config = new KubeConfig();
  config.loadFromOptions({
    clusters: [own, { ...own, name: 'other', server: otherServer }],
    users: [user],
    contexts: [
      { name: 'here', cluster: own.name, user: user.name, namespace },
      { name: 'other', cluster: 'other', user: user.name },
    ],
    currentContext: 'here',
  });
  const directory = mkdtempSync(join(tmpdir(), 'keyturn-kubeconfig-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const path = join(directory, 'config');
  writeFileSync(path, config.exportConfig(), { mode: 0o600 });
  return path;
}

test('the namespace is the flag’s, else the context’s', async () => {
  const scene = await Scene.start();
  await issue(scene, 'web');
  const kubeconfig = kubeconfigFile(scene.namespace, 'https://127.0.0.1:1');
  const found = (text: string) => text.includes('"name": "web"');
  expect(found(stdoutOf(await keyturn(LIST, { kubeconfig })))).toBe(true);
  expect(found(stdoutOf(await keyturn([...LIST, '-n', 'default'], { kubeconfig })))).toBe(false);
  const byFlag = await keyturn([...LIST, '--kubeconfig', kubeconfig], {
    env: { KUBECONFIG: '/nowhere' },
  });
  expect(found(stdoutOf(byFlag))).toBe(true);
});

test('a request timeout of 0 is none', async () => {
  const { namespace } = await Scene.start();
  stdoutOf(await keyturn(['list', '--request-timeout', '0s', '-n', namespace]));
});

test('a context that is missing, and a kubeconfig that is none', async () => {
  const kubeconfig = kubeconfigFile('default', 'https://127.0.0.1:1');
  const missing = await keyturn(['list', '--context', 'prod'], { kubeconfig });
  expect(missing.code).toBe(1);
  expect(missing.stderr).toContain('has no context "prod", but these: here, other');
  for (const list of [`/nowhere:${kubeconfig}`, `${kubeconfig}:/nowhere`, `:${kubeconfig}`]) {
    const among = await keyturn(['list', '--context', 'prod'], { kubeconfig: list });
    expect(among.stderr).toContain('but these: here, other');
  }
  const none = await keyturn(['list'], { kubeconfig: '/nowhere' });
  expect(none.code).toBe(1);
  expect(none.stderr).toMatch(/^error: The kubeconfig \/nowhere cannot be read: ENOENT/);
});

test.for(['list', 'status web', 'rotate web', 'wait web'])(
  '%s: a server that cannot be reached is told of in one line',
  async (command) => {
    const kubeconfig = kubeconfigFile('default', `https://127.0.0.1:${await freePort()}`);
    const args = [...command.split(' '), '--context', 'other'];
    const { code, stderr } = await keyturn(args, { kubeconfig });
    expect(code).toBe(1);
    expect(stderr).toMatch(/^error: The API server cannot be reached: .*ECONNREFUSED.*\n$/);
  },
);

test('--request-timeout ends the wait for a server that does not answer', async () => {
  const silent = createServer(() => undefined).listen(0, '127.0.0.1');
  onTestFinished(() => {
    silent.close();
  });
  await once(silent, 'listening');
  const { port } = addressOf(silent.address());
  const kubeconfig = kubeconfigFile('default', `https://127.0.0.1:${port}`);
  const args = ['list', '--context', 'other', '--request-timeout', '1s'];
  const { code, stderr } = await keyturn(args, { kubeconfig });
  expect(code).toBe(1);
  expect(stderr).toContain('no complete answer within 1000 ms');
});

function addressOf(address: AddressInfo | string | null): AddressInfo {
  if (address === null || typeof address === 'string') throw new Error('no TCP address');
  return address;
}
