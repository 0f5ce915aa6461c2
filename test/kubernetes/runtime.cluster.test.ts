import { expect, onTestFinished, test } from 'vitest';
import {
  isAlreadyExists,
  isConflict,
  isForbidden,
  isInvalid,
  isNotFound,
} from '../../src/kubernetes/api-error.ts';
import { ResourceClient } from '../../src/kubernetes/client.ts';
import { Reflector } from '../../src/kubernetes/reflector.ts';
import { type Change, keyOf, Store } from '../../src/kubernetes/store.ts';
import {
  createTransport,
  type ResponseInfo,
  type Transport,
} from '../../src/kubernetes/transport.ts';
import { adminClient, cluster, eventually, testNamespace } from '../setup/cluster.ts';
import { type ConfigMap, configMaps } from './objects.ts';

function adminTransport(onResponse?: (info: ResponseInfo) => void): Transport {
  const { kubeConfig } = cluster.adminKubeConfig;
  const transport = createTransport({ kubeConfig, ...(onResponse && { onResponse }) });
  onTestFinished(() => transport.close());
  return transport;
}

function body(namespace: string, name: string, value = '', labels: Record<string, string> = {}) {
  return { metadata: { namespace, name, labels }, data: { value } };
}

async function reflected(transport: Transport, namespace: string, pageSize = 500) {
  const store = new Store<ConfigMap>();
  const changes: Change<ConfigMap>[] = [];
  store.subscribe((change) => changes.push(change));
  const errors: unknown[] = [];
  const reflector = new Reflector({
    transport,
    resource: configMaps,
    store,
    namespace,
    labelSelector: 'app=x',
    pageSize,
    onError: (error) => errors.push(error),
  });
  const abort = new AbortController();
  const running = reflector.run(abort.signal);
  onTestFinished(async () => {
    abort.abort();
    await running;
  });
  await store.whenSynced();
  return { store, changes, errors };
}

const x = { app: 'x' };

test('a store follows the API server: paged list, changes, deletion, recreation, selection', async () => {
  const namespace = await testNamespace();
  const transport = adminTransport();
  const client = new ResourceClient(transport, configMaps);
  for (const name of ['a', 'b', 'c']) await client.create(body(namespace, name, '1', x));
  await client.create(body(namespace, 'unselected', '1'));

  const { store, changes, errors } = await reflected(transport, namespace, 2);
  expect([...store.values()].map(({ metadata }) => metadata.name).toSorted()).toEqual([
    'a',
    'b',
    'c',
  ]);
  expect(changes.every(({ type, initial }) => type === 'added' && initial)).toBe(true);

  changes.length = 0;
  await client.mergePatch({ namespace, name: 'a' }, { data: { value: '2' } });
  const uid = store.get(`${namespace}/b`)?.metadata.uid;
  await client.delete({ namespace, name: 'b' }, { ...(uid !== undefined && { uid }) });
  await client.create(body(namespace, 'b', 'again', x));
  await client.mergePatch({ namespace, name: 'c' }, { metadata: { labels: { app: null } } });
  await eventually(() =>
    expect(changes.map(({ type, object }) => `${type} ${object.metadata.name}`)).toEqual([
      'modified a',
      'deleted b',
      'added b',
      'deleted c',
    ]),
  );
  expect(store.get(`${namespace}/b`)?.data).toEqual({ value: 'again' });
  expect(changes.some(({ own, initial }) => own || initial)).toBe(false);
  expect(errors).toEqual([]);
});

test('own writes are read at once, told once and as our own', async () => {
  const namespace = await testNamespace();
  const transport = adminTransport();
  const client = new ResourceClient(transport, configMaps);
  const { store, changes } = await reflected(transport, namespace);
  const key = `${namespace}/a`;
  const ref = { namespace, name: 'a' };

  await store.write(key, () => client.create(body(namespace, 'a', '0', x)));
  for (let round = 1; round <= 50; round += 1) {
    await store.write(key, () => client.mergePatch(ref, { data: { value: `${round}` } }));
    expect(store.get(key)?.data).toEqual({ value: `${round}` });
  }
  const last = store.get(key);
  await eventually(() => {
    expect(changes.at(-1)?.object.metadata.resourceVersion).toBe(last?.metadata.resourceVersion);
  });
  expect(changes.every(({ own }) => own)).toBe(true);

  changes.length = 0;
  const uid = last?.metadata.uid;
  await store.remove(key, () => client.delete(ref, { ...(uid !== undefined && { uid }) }));
  expect(store.get(key)).toBeUndefined();
  await eventually(() =>
    expect(changes.map(({ type, own }) => [type, own])).toEqual([['deleted', true]]),
  );

  changes.length = 0;
  await store.write(key, () => client.create(body(namespace, 'a', 'new', x)));
  await adminClient.core.patchNamespacedConfigMap({
    ...ref,
    body: [{ op: 'add', path: '/data/foreign', value: 'yes' }],
  });
  await eventually(() => expect(store.get(key)?.data).toEqual({ value: 'new', foreign: 'yes' }));
  expect(changes.map(({ type, own }) => [type, own])).toEqual([
    ['added', true],
    ['modified', false],
  ]);
});

test('ours and others together: the store ends as the API server has it', async () => {
  const namespace = await testNamespace();
  const transport = adminTransport();
  const client = new ResourceClient(transport, configMaps);
  const { store } = await reflected(transport, namespace);
  const names = ['a', 'b', 'c', 'd'];
  await Promise.all(names.map((name) => client.create(body(namespace, name, '', x))));

  const ours = names.map(async (name) => {
    const key = `${namespace}/${name}`;
    for (let round = 0; round < 40; round += 1) {
      const patch = { data: { ours: `${round}` } };
      const written = await store.write(key, () => client.mergePatch({ namespace, name }, patch));
      const shown = Number(store.get(key)?.metadata.resourceVersion);
      expect(shown).toBeGreaterThanOrEqual(Number(written.metadata.resourceVersion));
    }
  });
  const theirs = names.map(async (name) => {
    for (let round = 0; round < 40; round += 1) {
      await client.mergePatch({ namespace, name }, { data: { theirs: `${round}` } });
    }
  });
  await Promise.all([...ours, ...theirs]);
  const live = await client.list({ namespace, labelSelector: 'app=x' });
  const versions = (objects: Iterable<ConfigMap>) =>
    Object.fromEntries([...objects].map((o) => [keyOf(o), o.metadata.resourceVersion]));
  await eventually(() => expect(versions(store.values())).toEqual(versions(live)));
});

test('errors of the API server are told apart', async () => {
  const namespace = await testNamespace();
  const transport = adminTransport();
  const client = new ResourceClient(transport, configMaps);
  const created = await client.create(body(namespace, 'a'));
  const ref = { namespace, name: 'a' };
  expect(await client.find({ namespace, name: 'none' })).toBeUndefined();
  await expect(client.get({ namespace, name: 'none' })).rejects.toSatisfy(isNotFound);
  await expect(client.create(body(namespace, 'a'))).rejects.toSatisfy(isAlreadyExists);
  const stale = { metadata: { resourceVersion: '1' }, data: { value: 'x' } };
  await expect(client.mergePatch(ref, stale)).rejects.toSatisfy(isConflict);
  await expect(client.delete(ref, { uid: 'other' })).rejects.toSatisfy(isConflict);
  const invalid = client.create(body(namespace, 'Not_A_Name'));
  await expect(invalid).rejects.toSatisfy(isInvalid);
  await expect(invalid).rejects.toMatchObject({ causes: [{ field: 'metadata.name' }] });
  await expect(
    client.delete(ref, { ...(created.metadata.uid && { uid: created.metadata.uid }) }),
  ).resolves.toBeUndefined();
  const { kubeConfig } = cluster.kubeConfigFor({ user: 'nobody' });
  const powerless = createTransport({ kubeConfig });
  onTestFinished(() => powerless.close());
  await expect(new ResourceClient(powerless, configMaps).list()).rejects.toSatisfy(isForbidden);
});

test('all requests go over a few connections, and each answer is told with the server clock', async () => {
  const told: ResponseInfo[] = [];
  const transport = adminTransport((info) => told.push(info));
  const request = () => transport.request({ method: 'GET', path: '/version' });
  for (let round = 0; round < 3; round += 1) await Promise.all(Array.from({ length: 20 }, request));
  expect(told).toHaveLength(60);
  for (const { status, serverDate, sentAt, receivedAt } of told) {
    expect(status).toBe(200);
    // A Date header has whole seconds.
    expect(serverDate).toBeGreaterThanOrEqual(sentAt - 1000);
    expect(serverDate).toBeLessThanOrEqual(receivedAt);
  }
});

test('a ServiceAccount token is accepted', async () => {
  const namespace = await testNamespace();
  await adminClient.core.createNamespacedServiceAccount({
    namespace,
    body: { metadata: { name: 'sa' } },
  });
  const { kubeConfig } = await cluster.kubeConfigForServiceAccount(namespace, 'sa');
  const transport = createTransport({ kubeConfig });
  onTestFinished(() => transport.close());
  await expect(transport.request({ method: 'GET', path: '/version' })).resolves.toMatchObject({
    major: '1',
  });
});
