import {
  AppsV1Api,
  CoreV1Api,
  EventsV1Api,
  type V1Container,
  type V1Deployment,
} from '@kubernetes/client-node';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { clientSecrets, clientsFor, Workspace } from '../controller/harness.ts';
import { startOperatorProcess } from '../process/operator-process.ts';
import { eventually } from '../setup/cluster.ts';
import { type ControlPlane, startControlPlane } from '../testbed/control-plane.ts';
import { INSTALL, installed, type Manifest } from './manifests.ts';

const NAMESPACE = 'keyturn-system';
const deployment = installed<Manifest & V1Deployment>('Deployment');

let controlPlane: ControlPlane;
let core: CoreV1Api;
let apps: AppsV1Api;
let events: EventsV1Api;

beforeAll(async () => {
  controlPlane = await startControlPlane();
  const { kubeConfig } = controlPlane.adminKubeConfig;
  core = kubeConfig.makeApiClient(CoreV1Api);
  apps = kubeConfig.makeApiClient(AppsV1Api);
  events = kubeConfig.makeApiClient(EventsV1Api);
}, 120_000);

afterAll(async () => {
  await controlPlane?.stop();
});

function kubectl(...args: string[]) {
  return controlPlane.kubectl([...args, '--filename', INSTALL]);
}

/** The operator's container, as the Deployment has it. */
function container(): V1Container {
  const [only] = deployment.spec?.template.spec?.containers ?? [];
  if (only === undefined) throw new Error('the Deployment has no container');
  return only;
}

/** The tests go on from each other: a cluster before the installation, with it, and after it. */
test('one command installs everything on an empty cluster, with no warning', async () => {
  const applied = await kubectl('apply', '--server-side', '--validate=strict');
  expect(applied).toMatchObject({ code: 0, stderr: '' });
});

test('the same command again changes nothing', async () => {
  await eventually(async () =>
    expect(await kubectl('diff', '--server-side')).toMatchObject({ code: 0, stdout: '' }),
  );
});

test('the namespace enforces Pod security restricted, and the Pods are admitted', async () => {
  const namespace = await core.readNamespace({ name: NAMESPACE });
  expect(namespace.metadata?.labels).toMatchObject({
    'pod-security.kubernetes.io/enforce': 'restricted',
  });
  const pods = await eventually(async () => {
    const { items } = await core.listNamespacedPod({ namespace: NAMESPACE });
    expect(items).toHaveLength(2);
    return items;
  });
  for (const { spec } of pods) expect(spec?.serviceAccountName).toBe('keyturn');
  expect(await refusals()).toEqual([]);
});

async function refusals(): Promise<string[]> {
  const { items } = await events.listNamespacedEvent({ namespace: NAMESPACE });
  return items.filter(({ reason }) => reason === 'FailedCreate').map(({ note }) => note ?? '');
}

test.for([
  ['allowPrivilegeEscalation', { allowPrivilegeEscalation: true }],
  ['capabilities', { capabilities: {} }],
  ['runAsNonRoot', { runAsNonRoot: false }],
  ['seccompProfile', { seccompProfile: { type: 'Unconfined' } }],
] as const)('without %s as it is, the Pods would be refused', async ([field, changed]) => {
  const name = `keyturn-${field.toLowerCase()}`;
  const { spec } = deployment;
  if (spec === undefined) throw new Error('the Deployment has no spec');
  const securityContext = { ...container().securityContext, ...changed };
  const containers = [{ ...container(), securityContext }];
  const template = { ...spec.template, spec: { ...spec.template.spec, containers } };
  const body = { metadata: { name }, spec: { ...spec, template } };
  await apps.createNamespacedDeployment({ namespace: NAMESPACE, body });
  await eventually(async () => {
    const told = (await refusals()).filter((note) => note.includes(`"${name}-`));
    expect(told.join()).toContain(field);
  });
  await apps.deleteNamespacedDeployment({ namespace: NAMESPACE, name });
});

test('with the token of its ServiceAccount and the flags of its Deployment, the operator works', async () => {
  const { path } = await controlPlane.kubeConfigForServiceAccount(NAMESPACE, 'keyturn');
  await core.createNamespace({ body: { metadata: { name: 'shop' } } });
  const operator = await startOperatorProcess({
    args: [
      ...(container().args ?? []),
      `--kubeconfig=${path}`,
      `--leader-election-namespace=${NAMESPACE}`,
    ],
  });
  await operator.untilReady();
  const workspace = new Workspace('shop', clientsFor(controlPlane.adminKubeConfig.kubeConfig));
  await workspace.create('web');
  await workspace.published('web', 1);
  await workspace.edit('web', { rotation: { rotateAfter: new Date().toISOString() } });
  await workspace.published('web', 2);
  expect(clientSecrets(await workspace.secret('web')).previous).toBeDefined();
  expect(operator.output()).not.toContain('forbidden');

  const { startupProbe, livenessProbe, readinessProbe } = container();
  for (const probe of [startupProbe, livenessProbe, readinessProbe]) {
    expect((await operator.ask(probe?.httpGet?.path ?? '')).status).toBe(200);
  }
});

test('it listens on the port of its container by default', async () => {
  const { path } = await controlPlane.kubeConfigForServiceAccount(NAMESPACE, 'keyturn');
  const help = await startOperatorProcess({ args: ['--help', `--kubeconfig=${path}`] });
  await help.exited;
  const port = container().ports?.find(({ name }) => name === 'http')?.containerPort;
  expect(help.output()).toContain(`0.0.0.0:${port}`);
});

test('removed, nothing of it is left, but the Secrets are', async () => {
  const removed = await kubectl('delete');
  expect(removed).toMatchObject({ code: 0 });
  const { items } = await core.listNamespace();
  expect(items.map(({ metadata }) => metadata?.name)).not.toContain(NAMESPACE);
  expect((await kubectl('get', '--ignore-not-found', '--output=name')).stdout).toBe('');
  const { data } = await core.readNamespacedSecret({ namespace: 'shop', name: 'web' });
  expect(Object.keys(data ?? {})).toContain('client-secret');
});
