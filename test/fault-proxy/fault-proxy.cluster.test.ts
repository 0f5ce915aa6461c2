import { CoreV1Api } from '@kubernetes/client-node';
import { expect, onTestFinished, test } from 'vitest';
import { createTransport } from '../../src/kubernetes/transport.ts';
import { adminClient, cluster, eventually, testNamespace } from '../setup/cluster.ts';
import { type FaultProxyOptions, type Interceptor, startFaultProxy } from './fault-proxy.ts';
import { refuse } from './faults.ts';
import { isWatch, isWrite } from './request.ts';

async function proxyWith(interceptor: Interceptor = {}, options: FaultProxyOptions = {}) {
  const proxy = await startFaultProxy(cluster.adminKubeConfig.kubeConfig, options);
  onTestFinished(proxy.stop);
  proxy.intercept(interceptor);
  return { proxy, core: proxy.kubeConfig.kubeConfig.makeApiClient(CoreV1Api) };
}

async function configMapNames(namespace: string): Promise<string[]> {
  const { items } = await adminClient.core.listNamespacedConfigMap({ namespace });
  return items.map(({ metadata }) => metadata?.name ?? '').filter((name) => name === 'probe');
}

const probe = { metadata: { name: 'probe' }, data: { text: 'ä€𐍈' } };

test('what is not intercepted passes through unchanged, with the credentials of the target', async () => {
  const namespace = await testNamespace();
  const { proxy, core } = await proxyWith();
  await core.createNamespacedConfigMap({ namespace, body: probe });
  const read = await core.readNamespacedConfigMap({ namespace, name: 'probe' });
  expect(read.data).toEqual(probe.data);
  await expect(core.readNamespacedConfigMap({ namespace, name: 'none' })).rejects.toThrow('404');
  const { stdout } = await cluster.kubectl(['auth', 'whoami'], {
    kubeconfig: proxy.kubeConfig.path,
  });
  expect(stdout).toContain('system:masters');
});

test('a request can be cut before it is carried out', async () => {
  const namespace = await testNamespace();
  const { core } = await proxyWith({
    onRequest: (request) => (isWrite(request) ? 'cut' : undefined),
  });
  await expect(core.createNamespacedConfigMap({ namespace, body: probe })).rejects.toThrow();
  expect(await configMapNames(namespace)).toEqual([]);
});

test('a request can be answered in place of the API server, or its connection reset', async () => {
  const namespace = await testNamespace();
  const { proxy } = await proxyWith({
    onRequest: ({ method }) => (method === 'POST' ? 'reset' : refuse(429, 'TooManyRequests', 7)),
  });
  const transport = createTransport({ kubeConfig: proxy.kubeConfig.kubeConfig });
  onTestFinished(() => transport.close());
  const path = `/api/v1/namespaces/${namespace}/configmaps`;
  await expect(transport.request({ method: 'GET', path })).rejects.toMatchObject({
    status: 429,
    retryAfterMs: 7_000,
  });
  expect(proxy.connections()).toBe(1);
  await expect(transport.request({ method: 'POST', path, body: probe })).rejects.toMatchObject({
    code: 'ECONNRESET',
  });
  expect(await configMapNames(namespace)).toEqual([]);
  await eventually(() => expect(proxy.connections()).toBe(0));
});

test('an answer can be cut after its request was carried out', async () => {
  const namespace = await testNamespace();
  const seen: string[] = [];
  const { core } = await proxyWith({
    onAnswer: ({ method, path }, status) => {
      seen.push(`${method} ${path} ${status}`);
      return 'cut';
    },
  });
  await expect(core.createNamespacedConfigMap({ namespace, body: probe })).rejects.toThrow();
  expect(await configMapNames(namespace)).toEqual(['probe']);
  expect(seen).toEqual([`POST /api/v1/namespaces/${namespace}/configmaps 201`]);
});

test('a watch passes as it comes, and can be cut', async () => {
  const namespace = await testNamespace();
  const { proxy } = await proxyWith();
  const transport = createTransport({ kubeConfig: proxy.kubeConfig.kubeConfig });
  onTestFinished(() => transport.close());
  let received = '';
  const watching = transport.stream(
    {
      method: 'GET',
      path: `/api/v1/namespaces/${namespace}/configmaps`,
      query: { watch: 'true' },
    },
    (chunk) => {
      received += Buffer.from(chunk).toString();
    },
  );
  await adminClient.core.createNamespacedConfigMap({ namespace, body: probe });
  await eventually(() => expect(received).toContain('"name":"probe"'));
  expect(proxy.cut((request) => !isWatch(request))).toBe(0);
  expect(proxy.cut(isWatch)).toBe(1);
  await expect(watching).rejects.toThrow('other side closed');
});

test('the time that answers tell can be another one, also of those that the proxy makes up', async () => {
  const ahead = 3_600_000;
  const { proxy } = await proxyWith(
    { onRequest: ({ path }) => (path === '/version' ? undefined : refuse(500, 'MadeUp')) },
    { serverTime: (date) => date + ahead },
  );
  const told: number[] = [];
  const transport = createTransport({
    kubeConfig: proxy.kubeConfig.kubeConfig,
    onResponse: ({ serverDate = 0 }) => told.push(serverDate - Date.now()),
  });
  onTestFinished(() => transport.close());
  await transport.request({ method: 'GET', path: '/version' });
  await expect(transport.request({ method: 'GET', path: '/readyz' })).rejects.toThrow('MadeUp');
  expect(told).toHaveLength(2);
  for (const difference of told) expect(Math.abs(difference - ahead)).toBeLessThan(30_000);
});

test('what is under way can be counted', async () => {
  const namespace = await testNamespace();
  const { proxy } = await proxyWith();
  const transport = createTransport({ kubeConfig: proxy.kubeConfig.kubeConfig });
  const path = `/api/v1/namespaces/${namespace}/configmaps`;
  const watching = transport.stream({ method: 'GET', path, query: { watch: 'true' } }, () => {});
  await eventually(() => expect(proxy.underWay(isWatch)).toBe(1));
  expect(proxy.underWay((request) => !isWatch(request))).toBe(0);
  await transport.close();
  await expect(watching).rejects.toThrow();
  await eventually(() => expect(proxy.underWay(isWatch)).toBe(0));
});
