import { CoreV1Api } from '@kubernetes/client-node';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { clientsFor, Workspace } from '../controller/harness.ts';
import { startOperatorProcess } from '../process/operator-process.ts';
import { eventually } from '../setup/cluster.ts';
import { type ControlPlane, startControlPlane } from '../testbed/control-plane.ts';
import { runTool } from './tools/tools.ts';

const CHART = 'deploy/helm/keyturn';
const NAMESPACE = 'operators';
const CRD = 'oidcapplications.keyturn.dev';

let controlPlane: ControlPlane;
let core: CoreV1Api;
let workspace: Workspace;

beforeAll(async () => {
  controlPlane = await startControlPlane();
  const { kubeConfig } = controlPlane.adminKubeConfig;
  core = kubeConfig.makeApiClient(CoreV1Api);
  workspace = new Workspace('shop', clientsFor(kubeConfig));
  const labels = { 'pod-security.kubernetes.io/enforce': 'restricted' };
  await core.createNamespace({ body: { metadata: { name: NAMESPACE, labels } } });
  for (const name of ['shop', 'billing']) {
    await core.createNamespace({ body: { metadata: { name } } });
  }
}, 300_000);

afterAll(async () => {
  await controlPlane?.stop();
});

async function helm(...args: string[]): Promise<string> {
  const kubeconfig = controlPlane.adminKubeConfig.path;
  const flags = [`--namespace=${NAMESPACE}`];
  const { code, stdout, stderr } = await runTool('helm', [...args, ...flags], { kubeconfig });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return stdout;
}

async function startOperator(...args: string[]) {
  const { path } = await controlPlane.kubeConfigForServiceAccount(NAMESPACE, 'keyturn');
  const operator = await startOperatorProcess({
    args: [
      `--kubeconfig=${path}`,
      '--leader-elect',
      `--leader-election-namespace=${NAMESPACE}`,
      ...args,
    ],
  });
  await operator.untilReady();
  return operator;
}

test('installed into a namespace that enforces restricted: Pods are admitted, the operator works', async () => {
  const notes = await helm('install', 'keyturn', CHART);
  expect(notes).toContain('manages OIDCApplications in all namespaces');
  await eventually(async () =>
    expect((await core.listNamespacedPod({ namespace: NAMESPACE })).items).toHaveLength(2),
  );
  const operator = await startOperator();
  await workspace.create('web');
  await workspace.published('web', 1);
  expect(operator.output()).not.toContain('forbidden');
});

test('upgraded to chosen namespaces: its rights end elsewhere, and it works there', async () => {
  const values = ['--set-json', 'namespaces=["shop"]', '--set', 'revokeGate.enabled=true'];
  const notes = await helm('upgrade', 'keyturn', CHART, ...values);
  expect(notes).toContain('in these namespaces: shop');
  const account = `--as=system:serviceaccount:${NAMESPACE}:keyturn`;
  const mayList = async (namespace: string) => {
    const args = ['auth', 'can-i', 'list', 'secrets', `--namespace=${namespace}`, account];
    return (await controlPlane.kubectl(args)).stdout.trim();
  };
  await eventually(async () => {
    expect(await mayList('shop')).toBe('yes');
    expect(await mayList('billing')).toBe('no');
  });
  await startOperator('--namespaces=shop', '--cluster-providers=false');
  await workspace.edit('web', { rotation: { rotateAfter: new Date().toISOString() } });
  await workspace.published('web', 2);
});

test('an upgrade brings the CRDs up to date', async () => {
  const patch = '[{"op": "remove", "path": "/spec/names/categories"}]';
  await controlPlane.kubectl(['patch', 'crd', CRD, '--type=json', `--patch=${patch}`]);
  await helm('upgrade', 'keyturn', CHART, '--force-conflicts');
  const { stdout } = await controlPlane.kubectl([
    ...['get', 'crd', CRD, '--output=jsonpath={.spec.names}'],
  ]);
  expect(JSON.parse(stdout)).toMatchObject({ categories: ['keyturn'] });
});

test('uninstalled: the CRDs, the applications and their Secrets stay', async () => {
  await helm('uninstall', 'keyturn');
  const definition = await controlPlane.kubectl(['get', 'crd', CRD, '--output=json']);
  expect(JSON.parse(definition.stdout).metadata.deletionTimestamp).toBeUndefined();
  expect((await workspace.application('web')).status?.currentSecret?.version).toBe(2);
  expect(await workspace.findSecret('web')).toBeDefined();
  const { stdout } = await controlPlane.kubectl([
    ...['get', 'deployments,serviceaccounts,roles', `--namespace=${NAMESPACE}`],
    ...['--selector=app.kubernetes.io/name=keyturn', '--output=name'],
  ]);
  expect(stdout).toBe('');
});
