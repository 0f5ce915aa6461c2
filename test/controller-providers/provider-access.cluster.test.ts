import { PatchStrategy, setHeaderOptions } from '@kubernetes/client-node';
import { expect, onTestFinished, test } from 'vitest';
import type { Grant } from '../../src/api/oidcprovider.gen.ts';
import type { ProviderObject } from '../../src/controller/providers/resources.ts';
import { adminClient, eventually, testNamespace } from '../setup/cluster.ts';
import { type PingOneSimulator, startPingOneSimulator } from '../simulators/pingone/simulator.ts';
import { ProviderRig, pingOneSpec, workerCredentials } from './provider-rig.ts';

async function simulator(): Promise<PingOneSimulator> {
  const started = await startPingOneSimulator({ rateLimit: 'none' });
  onTestFinished(() => started.stop());
  return started;
}

/** A cluster-wide provider in order, with these grants, and a rig that sees the tenants. */
async function granting(grants: Grant[], tenants: readonly string[]) {
  const pingone = await simulator();
  const rig = await ProviderRig.start({ clusterProviders: true, tenants });
  await rig.setSecret('credentials', workerCredentials(pingone));
  const provider = await rig.create('ClusterOIDCProvider', `pingone-${rig.namespace}`, {
    ...pingOneSpec(pingone),
    grants,
  });
  await rig.settles(provider, 'True', 'Checked');
  return { pingone, rig, provider };
}

const notGranted = { kind: 'denied', reason: 'ClientNotGranted' };

test('a grant names namespaces and clients, and nobody else gets them', async () => {
  const [shop, blog] = [await testNamespace('shop'), await testNamespace('blog')];
  const { rig, provider } = await granting(
    [
      { namespaces: [shop], clientIDs: ['shared', '{namespace}.*'] },
      { namespaces: [blog], clientIDs: ['{namespace}.*'] },
    ],
    [shop, blog],
  );
  const of = (namespace: string, clientID: string) => rig.access(provider, clientID, { namespace });
  expect(await of(shop, 'shared')).toMatchObject({ kind: 'granted' });
  expect(await of(shop, `${shop}.web`)).toMatchObject({ kind: 'granted' });
  expect(await of(blog, `${blog}.web`)).toMatchObject({ kind: 'granted' });
  expect(await of(blog, 'shared')).toMatchObject(notGranted);
  expect(await of(blog, `${shop}.web`)).toMatchObject(notGranted);
  expect(await of(rig.namespace, 'shared')).toMatchObject(notGranted);

  // A grant that is taken away counts at once.
  await rig.edit(provider, { grants: [] });
  await eventually(async () => expect(await of(shop, 'shared')).toMatchObject(notGranted));
});

test('a refusal is the same whether there is a provider, a client or neither', async () => {
  const shop = await testNamespace('shop');
  const { rig, provider, pingone } = await granting(
    [{ namespaces: ['elsewhere'], clientIDs: ['*'] }],
    [shop],
  );
  const { clientID } = pingone.addApplication();
  const missing: ProviderObject = {
    ...provider,
    metadata: { ...provider.metadata, name: 'missing' },
  };
  const answers = [
    await rig.access(provider, clientID, { namespace: shop }),
    await rig.access(provider, 'made-up', { namespace: shop }),
    await rig.access(provider, pingone.worker.clientID, { namespace: shop }),
    await rig.access(missing, clientID, { namespace: shop }),
  ].map((answer) => JSON.stringify(answer).replaceAll(provider.metadata.name, 'missing'));
  expect(new Set(answers).size).toBe(1);
  expect(answers[0]).not.toContain(pingone.environmentID);
});

test('a grant by labels follows the labels of namespaces', async () => {
  const [shop, blog] = [await testNamespace('shop'), await testNamespace('blog')];
  const label = (labels: Record<string, string | null>) =>
    adminClient.core.patchNamespace(
      { name: shop, body: { metadata: { labels } } },
      setHeaderOptions('Content-Type', PatchStrategy.MergePatch),
    );
  await label({ team: 'web' });
  const { rig, provider } = await granting(
    [{ namespaceSelector: { matchLabels: { team: 'web' } }, clientIDs: ['*'] }],
    [shop, blog],
  );
  expect(await rig.access(provider, 'client', { namespace: shop })).toMatchObject({
    kind: 'granted',
  });
  expect(await rig.access(provider, 'client', { namespace: blog })).toMatchObject(notGranted);
  rig.changes.length = 0;
  await label({ team: null });
  await eventually(async () => {
    const access = await rig.access(provider, 'client', { namespace: shop });
    expect(access).toMatchObject(notGranted);
  });
  expect(rig.changes).toContainEqual({
    providerKey: `ClusterOIDCProvider/${provider.metadata.name}`,
    clientID: undefined,
  });
});

test('without such a grant no namespace is read', async () => {
  const { rig, provider } = await granting([{ namespaces: ['shop'], clientIDs: ['*'] }], []);
  await rig.access(provider, 'client');
  expect(rig.watches.map(({ plural }) => plural)).not.toContain('namespaces');
});

test("the operator's own client is never managed, nor is that of another provider", async () => {
  const pingone = await simulator();
  const rig = await ProviderRig.start();
  await rig.setSecret('credentials', workerCredentials(pingone));
  const provider = await rig.create('OIDCProvider', 'pingone', pingOneSpec(pingone));
  await rig.settles(provider, 'True', 'Checked');
  const { clientID } = pingone.worker;
  expect(await rig.access(provider, clientID)).toMatchObject({ reason: 'OwnClient' });
  expect(await rig.access(provider, 'another')).toMatchObject({ kind: 'granted' });
});

test('of two applications that name one client, in two namespaces, the older one has it', async () => {
  const shop = await testNamespace('shop');
  const pingone = await simulator();
  const { clientID } = pingone.addApplication();
  const rig = await ProviderRig.start({ clusterProviders: true, tenants: [shop] });
  await rig.setSecret('credentials', workerCredentials(pingone));
  const own = await rig.create('OIDCProvider', 'own', pingOneSpec(pingone));
  const shared = await rig.create('ClusterOIDCProvider', `shared-${rig.namespace}`, {
    ...pingOneSpec(pingone),
    grants: [{ namespaces: [shop], clientIDs: [clientID] }],
  });
  await rig.settles(own, 'True', 'Checked');
  await rig.settles(shared, 'True', 'Checked');
  const ofFirst = () => rig.access(own, clientID, { name: 'first' });
  const ofSecond = () => rig.access(shared, clientID, { namespace: shop, name: 'second' });

  const first = await rig.apply(own, clientID, { name: 'first' });
  await eventually(async () => expect(await ofSecond()).toMatchObject({ reason: 'ClientClaimed' }));
  expect(await ofFirst()).toMatchObject({ kind: 'granted' });
  expect(JSON.stringify(await ofSecond())).not.toMatch(/first|own/);
  await olderThan(first.metadata.creationTimestamp);
  await rig.apply(shared, clientID, { namespace: shop, name: 'second' });
  // Another client of the same provider is not concerned.
  expect(await rig.access(own, 'another')).toMatchObject({ kind: 'granted' });

  // Once the first is gone the second has it, and is told.
  rig.changes.length = 0;
  await rig.remove('first');
  await eventually(async () => expect(await ofSecond()).toMatchObject({ kind: 'granted' }));
  expect(rig.changes).toContainEqual({
    providerKey: `ClusterOIDCProvider/${shared.metadata.name}`,
    clientID,
  });
  expect(await ofFirst()).toMatchObject({ reason: 'ClientClaimed' });
});

/** Waits until the API server, which counts in seconds, gives newer timestamps than this. */
async function olderThan(timestamp: string | undefined): Promise<void> {
  const second = Date.parse(timestamp ?? '');
  await eventually(() => expect(Date.now()).toBeGreaterThan(second + 1000));
}

test('who has no right to a client cannot keep it from others', async () => {
  const shop = await testNamespace('shop');
  const { rig, provider, pingone } = await granting(
    [{ namespaces: [shop], clientIDs: ['*'] }],
    [shop],
  );
  const { clientID } = pingone.addApplication();
  // An older application without a grant, and one whose provider has made-up credentials.
  await rig.apply(provider, clientID, { name: 'ungranted' });
  await rig.setSecret('made-up', { 'client-id': 'x', 'client-secret': 'y' });
  const fake = await rig.create('OIDCProvider', 'fake', pingOneSpec(pingone, 'made-up'));
  await rig.settles(fake, 'False', 'ProviderUnauthorized');
  await rig.apply(fake, clientID, { name: 'fake' });
  const application = await rig.apply(provider, clientID, { namespace: shop });
  await rig.sees(application);
  expect(await rig.access(provider, clientID, { namespace: shop })).toMatchObject({
    kind: 'granted',
  });
});

test('without a namespace of its own, the operator says what is missing', async () => {
  const pingone = await simulator();
  const rig = await ProviderRig.start({ clusterProviders: true, knowsNamespace: false });
  const provider = await rig.create(
    'ClusterOIDCProvider',
    `pingone-${rig.namespace}`,
    pingOneSpec(pingone),
  );
  const { status } = await rig.settles(provider, 'False', 'CredentialsNotFound');
  expect(status.conditions?.[0]?.message).toContain('--operator-namespace');
});
