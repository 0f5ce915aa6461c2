import { ApiException, CoreV1Api } from '@kubernetes/client-node';
import { expect, test } from 'vitest';
import { adminClient, cluster, eventually, testNamespace } from '../setup/cluster.ts';

const { apps, core } = adminClient;

async function statusOf(request: Promise<unknown>): Promise<number> {
  try {
    await request;
    return 200;
  } catch (error) {
    if (error instanceof ApiException) return error.code;
    throw error;
  }
}

test('a service account has no rights until RBAC grants them', async () => {
  const namespace = await testNamespace();
  await core.createNamespacedServiceAccount({
    namespace,
    body: { metadata: { name: 'visitor' } },
  });
  const { kubeConfig } = await cluster.kubeConfigForServiceAccount(namespace, 'visitor');
  const visitor = kubeConfig.makeApiClient(CoreV1Api);
  const list = () => statusOf(visitor.listNamespacedSecret({ namespace }));
  expect(await list()).toBe(403);

  await cluster.kubectl([
    ...['create', 'rolebinding', 'visitor', `--namespace=${namespace}`],
    ...['--clusterrole=admin', `--serviceaccount=${namespace}:visitor`],
  ]);
  await eventually(async () => expect(await list()).toBe(200));
});

test('a user is known by name and groups', async () => {
  const { path } = cluster.kubeConfigFor({ user: 'anna', groups: ['team-a'] });
  const { stdout } = await cluster.kubectl(['auth', 'whoami', '-o', 'json'], { kubeconfig: path });
  expect(JSON.parse(stdout)).toMatchObject({
    status: { userInfo: { username: 'anna', groups: ['team-a', 'system:authenticated'] } },
  });
});

test('an owned Secret is collected with its owner', async () => {
  const namespace = await testNamespace();
  const owner = await core.createNamespacedConfigMap({
    namespace,
    body: { metadata: { name: 'owner' } },
  });
  await core.createNamespacedSecret({
    namespace,
    body: {
      metadata: {
        name: 'owned',
        ownerReferences: [
          { apiVersion: 'v1', kind: 'ConfigMap', name: 'owner', uid: owner.metadata?.uid ?? '' },
        ],
      },
    },
  });
  await core.deleteNamespacedConfigMap({ namespace, name: 'owner' });
  await eventually(async () =>
    expect(await statusOf(core.readNamespacedSecret({ namespace, name: 'owned' }))).toBe(404),
  );
});

test('a Deployment creates its Pods', async () => {
  const namespace = await testNamespace();
  const labels = { app: 'web' };
  const containers = [{ name: 'web', image: 'registry.example/web' }];
  await apps.createNamespacedDeployment({
    namespace,
    body: {
      metadata: { name: 'web' },
      spec: {
        replicas: 2,
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: { containers } },
      },
    },
  });
  await eventually(async () =>
    expect((await core.listNamespacedPod({ namespace })).items).toHaveLength(2),
  );
});

test('a deleted namespace goes with what is in it', async () => {
  const namespace = await testNamespace();
  await core.createNamespacedSecret({ namespace, body: { metadata: { name: 'content' } } });
  await core.deleteNamespace({ name: namespace });
  await eventually(async () =>
    expect(await statusOf(core.readNamespace({ name: namespace }))).toBe(404),
  );
});

test('kubectl is of the version of the API server', async () => {
  const { stdout } = await cluster.kubectl(['version', '-o', 'json']);
  const { clientVersion, serverVersion } = JSON.parse(stdout);
  expect(clientVersion.gitVersion).toBe(serverVersion.gitVersion);
});
