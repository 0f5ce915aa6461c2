import { CoreV1Api } from '@kubernetes/client-node';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { clientSecrets, clientsFor, Workspace } from '../controller/harness.ts';
import { startFaultProxy } from '../fault-proxy/fault-proxy.ts';
import { type ProxiedRequest, type Write, writeOf } from '../fault-proxy/request.ts';
import { eventually } from '../setup/cluster.ts';
import { type ControlPlane, startControlPlane } from '../testbed/control-plane.ts';
import { installCustomResources, installOperatorRights } from '../testbed/install.ts';
import { parseMetrics } from './metrics.ts';
import { startOperatorProcess } from './operator-process.ts';

let controlPlane: ControlPlane;
let workspace: Workspace;

beforeAll(async () => {
  controlPlane = await startControlPlane();
  await installOperatorRights(controlPlane);
  const { kubeConfig } = controlPlane.adminKubeConfig;
  const metadata = { name: 'shop' };
  await kubeConfig.makeApiClient(CoreV1Api).createNamespace({ body: { metadata } });
  workspace = new Workspace('shop', clientsFor(kubeConfig));
}, 120_000);

afterAll(async () => {
  await controlPlane?.stop();
});

async function operatorKubeConfig() {
  return await controlPlane.kubeConfigForServiceAccount('keyturn-system', 'keyturn');
}

const definition = 'oidcapplications.keyturn.dev';

// The first of this file: it begins without the custom resource.
test('a missing CRD is waited for, by name, and once installed the operator works', async () => {
  const { path } = await operatorKubeConfig();
  const operator = await startOperatorProcess({ args: [`--kubeconfig=${path}`] });
  await eventually(() =>
    expect(operator.entries().map(({ level, msg }) => ({ level, msg }))).toContainEqual({
      level: 'warn',
      msg: `Waiting for the CustomResourceDefinition ${definition}: install it from crds/`,
    }),
  );
  expect(await operator.ask('/readyz')).toEqual({
    status: 503,
    body: `waiting for the CustomResourceDefinition ${definition}\n`,
  });
  const leads = async () =>
    parseMetrics((await operator.ask('/metrics')).body).value('leader_election_master_status');
  expect(await leads()).toBe(0);

  await installCustomResources(controlPlane);
  await operator.untilReady();
  await workspace.create('first');
  await workspace.published('first', 1);
  expect(await leads()).toBe(1);
});

test('a CRD that is deleted and installed again: the Secrets stay and are taken up again', async () => {
  const { path } = await operatorKubeConfig();
  const operator = await startOperatorProcess({ args: [`--kubeconfig=${path}`] });
  await operator.untilReady();
  await workspace.create('kept');
  await workspace.published('kept', 1);
  const before = await workspace.secret('kept');

  await controlPlane.kubectl(['delete', 'crd', definition, '--wait']);
  await eventually(() => expect(operator.output()).toContain('failed and is tried again'));
  await installCustomResources(controlPlane);
  await workspace.create('kept');

  await workspace.published('kept', 1);
  expect(await workspace.secret('kept')).toEqual(before);
});

test.for<[string, 'onRequest' | 'onAnswer']>([
  ['before the Secret is written', 'onRequest'],
  ['after it was written, before the answer', 'onAnswer'],
])('the API server ends in the middle of a rotation, %s: it is made once', async ([when, hook]) => {
  const name = `rotated-${when.split(' ', 1).join('')}`;
  const proxy = await startFaultProxy((await operatorKubeConfig()).kubeConfig);
  onTestFinished(proxy.stop);
  const operator = await startOperatorProcess({
    args: [`--kubeconfig=${proxy.kubeConfig.path}`],
  });
  await operator.untilReady();
  await workspace.create(name);
  await workspace.published(name, 1);
  const before = clientSecrets(await workspace.secret(name));

  const ended = Promise.withResolvers<void>();
  const end = async ({ method, path }: ProxiedRequest) => {
    if (method !== 'PATCH' || !path.endsWith(`/secrets/${name}`)) return undefined;
    disarm();
    await controlPlane.stopApiServer('SIGKILL');
    ended.resolve();
    return 'cut';
  };
  const disarm = proxy.intercept({ [hook]: end });
  await workspace.edit(name, { rotation: { rotateAfter: new Date().toISOString() } });
  await ended.promise;
  const changes: Write[] = [];
  proxy.intercept({
    onAnswer(request, status) {
      const write = status < 300 ? writeOf(request) : undefined;
      if (write !== undefined) changes.push(write);
      return undefined;
    },
  });
  await controlPlane.startApiServer();

  await workspace.published(name, 2);
  const after = clientSecrets(await workspace.secret(name));
  expect(after.previous).toBe(before.current);
  const secretWrites = changes.filter(({ what }) => what.endsWith(' secrets'));
  expect(secretWrites).toHaveLength(hook === 'onRequest' ? 1 : 0);

  // It watches again.
  await workspace.edit(name, { revokePreviousSecret: true });
  await workspace.reaches(name, ({ status }) => expect(status?.previousSecret).toBeUndefined());
  expect(clientSecrets(await workspace.secret(name))).toEqual({ current: after.current });
});
