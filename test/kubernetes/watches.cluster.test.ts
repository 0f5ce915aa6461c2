import { expect, onTestFinished, test } from 'vitest';
import { ResourceClient } from '../../src/kubernetes/client.ts';
import { systemClock } from '../../src/kubernetes/clock.ts';
import { Store } from '../../src/kubernetes/store.ts';
import { createTransport } from '../../src/kubernetes/transport.ts';
import { Watches } from '../../src/kubernetes/watches.ts';
import { cluster, eventually, testNamespace } from '../setup/cluster.ts';
import { type ConfigMap, configMaps } from './objects.ts';

function start(kubeConfig = cluster.adminKubeConfig.kubeConfig) {
  const transport = createTransport({ kubeConfig });
  const errors: unknown[] = [];
  const onError = (error: unknown) => void errors.push(error);
  const watches = new Watches({ transport, clock: systemClock, onError });
  onTestFinished(async () => {
    await watches.stop();
    await transport.close();
  });
  return { client: new ResourceClient(transport, configMaps), watches, errors };
}

function body(namespace: string, name: string, value = '') {
  return { metadata: { namespace, name }, data: { value } };
}

test('a watch of a single object shows no other one, from the list on', async () => {
  const namespace = await testNamespace();
  const { client, watches } = start();
  for (const name of ['one', 'two']) await client.create(body(namespace, name));
  const store = new Store<ConfigMap>();
  watches.begin(configMaps, store, { namespace, name: 'one' });
  await store.whenSynced();
  expect([...store.values()].map(({ metadata }) => metadata.name)).toEqual(['one']);
  await client.mergePatch({ namespace, name: 'two' }, { data: { value: 'x' } });
  await client.create(body(namespace, 'three'));
  await client.mergePatch({ namespace, name: 'one' }, { data: { value: 'x' } });
  await eventually(() => expect(store.get(`${namespace}/one`)?.data?.['value']).toBe('x'));
  expect(store.size).toBe(1);
});

test('a watch can be ended alone', async () => {
  const namespace = await testNamespace();
  const { client, watches } = start();
  const [ended, kept] = [new Store<ConfigMap>(), new Store<ConfigMap>()];
  const ending = new AbortController();
  watches.begin(configMaps, ended, { namespace, name: 'one', signal: ending.signal });
  watches.begin(configMaps, kept, { namespace });
  await Promise.all([ended.whenSynced(), kept.whenSynced()]);
  ending.abort();
  await client.create(body(namespace, 'one'));
  await eventually(() => expect(kept.size).toBeGreaterThan(0));
  expect(ended.size).toBe(0);
});

test('a fault is told to the watch that has it and to all', async () => {
  const namespace = await testNamespace();
  const { kubeConfig } = cluster.kubeConfigFor({ user: `nobody-${namespace}` });
  const { watches, errors } = start(kubeConfig);
  const own: unknown[] = [];
  const onError = (error: unknown) => void own.push(error);
  watches.begin(configMaps, new Store<ConfigMap>(), { namespace, onError });
  await eventually(() => expect(own).toHaveLength(1));
  expect(String(own[0])).toContain('forbidden');
  expect(errors).toEqual(own);
});
