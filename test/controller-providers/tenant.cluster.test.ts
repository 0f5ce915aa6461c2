import { expect, onTestFinished, test } from 'vitest';
import type { ClusterOIDCProviderSpec, Grant } from '../../src/api/oidcprovider.gen.ts';
import {
  clusterProviderResource,
  providerResource,
} from '../../src/controller/providers/resources.ts';
import { ResourceClient } from '../../src/kubernetes/client.ts';
import { createTransport } from '../../src/kubernetes/transport.ts';
import {
  admin,
  clientSecrets,
  conditionOf,
  startOperator,
  Workspace,
} from '../controller/harness.ts';
import { cluster, eventually, testNamespace } from '../setup/cluster.ts';
import { type PingOneSimulator, startPingOneSimulator } from '../simulators/pingone/simulator.ts';
import { pingOneSpec, workerCredentials } from './provider-rig.ts';

const transport = createTransport({ kubeConfig: cluster.adminKubeConfig.kubeConfig });
const clusterProviders = new ResourceClient(transport, clusterProviderResource);
const providers = new ResourceClient(transport, providerResource);

/** An operator, a cluster-wide provider that grants `shop` its clients, and another tenant. */
async function stage(grantsOf: (shop: string) => readonly Grant[]) {
  const pingone = await simulator();
  const [system, shop, mallory] = [
    await testNamespace('system'),
    await testNamespace('shop'),
    await testNamespace('mallory'),
  ];
  await startOperator({ namespaces: [shop, mallory], operatorNamespace: system });
  await createSecret(system, workerCredentials(pingone));
  const provider = `pingone-${system}`;
  await createProvider(provider, { ...pingOneSpec(pingone), grants: [...grantsOf(shop)] });
  const providerRef = { kind: 'ClusterOIDCProvider', name: provider } as const;
  return { pingone, shop: new Workspace(shop), mallory: new Workspace(mallory), providerRef };
}

async function simulator(): Promise<PingOneSimulator> {
  const started = await startPingOneSimulator({ rateLimit: 'none' });
  onTestFinished(() => started.stop());
  return started;
}

async function createProvider(name: string, spec: ClusterOIDCProviderSpec): Promise<void> {
  await clusterProviders.create({
    apiVersion: 'keyturn.dev/v1alpha1',
    kind: 'ClusterOIDCProvider',
    metadata: { name },
    spec,
  });
  onTestFinished(() => clusterProviders.delete({ name }));
}

async function createSecret(
  namespace: string,
  stringData: Readonly<Record<string, string>>,
): Promise<void> {
  const metadata = { namespace, name: 'credentials' };
  await admin.secrets.create({ apiVersion: 'v1', kind: 'Secret', metadata, stringData });
}

test("a tenant cannot have another tenant's client secret published in its own namespace", async () => {
  const { pingone, shop, mallory, providerRef } = await stage((namespace) => [
    { namespaces: [namespace], clientIDs: ['{namespace}.*'] },
  ]);
  const clientID = `${shop.namespace}.web`;
  const { id } = pingone.addApplication({ clientId: clientID });
  await shop.create('web', { clientID, providerRef });
  await shop.published('web', 1);
  const { current } = clientSecrets(await shop.secret('web'));
  expect(current).toBe(pingone.secretsOf(id).current);

  const { length } = pingone.requests;
  const attempts = {
    'by-name': { clientID, providerRef },
    'other-kind': { clientID, providerRef: { ...providerRef, kind: 'OIDCProvider' } as const },
    guess: { clientID: 'made-up', providerRef },
    'no-provider': { clientID, providerRef: { ...providerRef, name: 'missing' } },
  };
  for (const [name, spec] of Object.entries(attempts)) await mallory.create(name, spec);
  const answers: Record<string, string | undefined> = {};
  for (const name of Object.keys(attempts)) {
    const application = await mallory.reaches(name, (seen) => {
      expect(conditionOf(seen, 'Ready')).toMatchObject({ status: 'False' });
    });
    expect(application.status).not.toHaveProperty('currentSecret');
    const { reason, message } = conditionOf(application, 'Ready') ?? {};
    answers[name] = `${reason}: ${message}`.replaceAll(providerRef.name, 'missing');
    expect(await mallory.findSecret(name)).toBeUndefined();
  }
  // Nothing tells whether there is such a client, or such a provider.
  expect(answers['by-name']).toContain('ClientNotGranted');
  expect(answers['guess']).toBe(answers['by-name']);
  expect(answers['no-provider']).toBe(answers['by-name']);
  expect(answers['other-kind']).toContain('ProviderNotFound');
  expect(pingone.requests).toHaveLength(length);
});

test('a forged backing Secret of an application that is gone ends nothing at the provider', async () => {
  const { pingone, shop, mallory, providerRef } = await stage((namespace) => [
    { namespaces: [namespace], clientIDs: ['{namespace}.*'] },
  ]);
  const clientID = `${shop.namespace}.web`;
  const { id } = pingone.addApplication({ clientId: clientID });
  await shop.create('web', { clientID, providerRef });
  await shop.published('web', 1);
  await shop.edit('web', { rotation: { rotateAfter: soon(), retainPreviousFor: '24h' } });
  await shop.published('web', 2);
  const { metadata, data } = await shop.secret('web');
  const { annotations = {}, labels = {} } = metadata;
  // Without its application nobody claims the client.
  await admin.applications.delete({ namespace: shop.namespace, name: 'web' });
  const expired = '2020-01-01T00:00:00.000Z';
  await admin.secrets.create({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      namespace: mallory.namespace,
      name: 'web',
      labels,
      annotations: { ...annotations, 'keyturn.dev/previous-expires-at': expired },
    },
    data,
  });
  // By the time that two changes of another application are done, the forged Secret was looked at.
  await mallory.create('after');
  await mallory.published('after', 1);
  await mallory.edit('after', { rotation: { rotateAfter: soon(), retainPreviousFor: '0s' } });
  await mallory.published('after', 2);
  expect(pingone.secretsOf(id).previous?.secret).toBe(
    clientSecrets(await shop.secret('web')).previous,
  );
});

function soon(): string {
  return new Date(Date.now() + 1).toISOString();
}

test('of two applications for one client the second waits, and learns nothing of the first', async () => {
  const { pingone, shop, mallory, providerRef } = await stage((namespace) => [
    { namespaces: [namespace], clientIDs: ['*'] },
  ]);
  const { clientID } = pingone.addApplication();
  await shop.create('first', { clientID, providerRef });
  await shop.published('first', 1);
  // Another resource with the same realm behind it, of a tenant of its own.
  await createSecret(mallory.namespace, workerCredentials(pingone));
  await providers.create({
    apiVersion: 'keyturn.dev/v1alpha1',
    kind: 'OIDCProvider',
    metadata: { namespace: mallory.namespace, name: 'pingone' },
    spec: pingOneSpec(pingone),
  });
  await eventually(async () => {
    const created = (await shop.application('first')).metadata.creationTimestamp;
    expect(Date.now()).toBeGreaterThan(Date.parse(created ?? '') + 1000);
  });
  const own = { kind: 'OIDCProvider', name: 'pingone' } as const;
  await mallory.create('second', { clientID, providerRef: own });
  const refused = await mallory.reaches('second', (application) => {
    expect(conditionOf(application, 'Ready')).toMatchObject({ reason: 'ClientClaimed' });
  });
  expect(JSON.stringify(refused.status)).not.toMatch(new RegExp(`first|${shop.namespace}`));
  expect(await mallory.findSecret('second')).toBeUndefined();

  await admin.applications.delete({ namespace: shop.namespace, name: 'first' });
  await mallory.published('second', 1);
});
