import { expect, onTestFinished, test } from 'vitest';
import { Workspace } from '../controller/harness.ts';
import { type FaultProxy, startFaultProxy } from '../fault-proxy/fault-proxy.ts';
import { isWrite, type ProxiedRequest } from '../fault-proxy/request.ts';
import { eventually, operatorKubeConfig, testNamespace } from '../setup/cluster.ts';
import { startOperatorProcess } from './operator-process.ts';

const { kubeConfig } = await operatorKubeConfig();

/** An operator with one worker behind a proxy that holds its first write of a Secret back. */
async function startHeld() {
  const namespace = await testNamespace();
  const proxy = await startFaultProxy(kubeConfig);
  onTestFinished(proxy.stop);
  const writes: ProxiedRequest[] = [];
  const held = Promise.withResolvers<void>();
  proxy.intercept({
    async onRequest(request) {
      if (isWrite(request)) writes.push(request);
      if (isWrite(request) && request.path.endsWith('/secrets')) await held.promise;
    },
  });
  const operator = await start(proxy, namespace);
  await operator.untilReady();
  return { workspace: new Workspace(namespace), operator, writes, release: held.resolve };
}

function start(proxy: FaultProxy, namespace: string) {
  const args = [`--kubeconfig=${proxy.kubeConfig.path}`, `--namespaces=${namespace}`];
  return startOperatorProcess({ args: [...args, '--concurrency=1'] });
}

/** The method, and the path from the resource on. */
function described({ method, path }: ProxiedRequest): string {
  return `${method} ${path.replace(/^.*\/namespaces\/[^/]+\//, '')}`;
}

function messages(entries: readonly { msg: string }[]): string[] {
  return entries.map(({ msg }) => msg);
}

test('SIGTERM: what is under way is finished, nothing else is begun, and the status is 0', async () => {
  const { workspace, operator, writes, release } = await startHeld();
  await workspace.create('first');
  await eventually(() => expect(writes).toHaveLength(1));
  await workspace.create('second');
  await workspace.create('third');

  const exited = operator.end('SIGTERM');
  await eventually(() => expect(messages(operator.entries())).toContain('Stopping'));
  release();

  expect(await exited).toEqual({ code: 0, signal: null });
  const said = messages(operator.entries());
  expect(said.slice(said.indexOf('Stopping'))).toEqual([
    'Stopping',
    'Issued version 1 in Secret first.',
    'Stopped',
  ]);
  expect(writes.map(described).sort()).toEqual([
    'PATCH oidcapplications/first/status',
    'POST events',
    'POST secrets',
  ]);
  await workspace.published('first', 1);
  for (const name of ['second', 'third']) {
    expect(await workspace.findSecret(name)).toBeUndefined();
    expect((await workspace.application(name)).status).toBeUndefined();
  }
});

test('SIGTERM before the caches are filled ends the operator with status 0', async () => {
  const namespace = await testNamespace();
  const proxy = await startFaultProxy(kubeConfig);
  onTestFinished(proxy.stop);
  let lists = 0;
  proxy.intercept({
    async onRequest({ path }) {
      if (!path.endsWith('/oidcapplications')) return;
      lists += 1;
      await new Promise<never>(() => undefined);
    },
  });
  const operator = await start(proxy, namespace);
  await eventually(() => expect(lists).toBe(1));
  expect(await operator.end('SIGTERM')).toEqual({ code: 0, signal: null });
  expect(messages(operator.entries()).slice(-2)).toEqual(['Stopping', 'Stopped']);
});

test('SIGTERM while the API server is silent: the end comes within 30 s all the same', async () => {
  const { workspace, operator, writes } = await startHeld();
  await workspace.create('first');
  await eventually(() => expect(writes).toHaveLength(1));
  const startedAt = performance.now();
  expect(await operator.end('SIGTERM')).toEqual({ code: 0, signal: null });
  expect(performance.now() - startedAt).toBeLessThan(30_000);
  expect(operator.output()).toContain('Work under way was cut off');
});

test('a second SIGTERM ends the operator at once', async () => {
  const { workspace, operator, writes } = await startHeld();
  await workspace.create('first');
  await eventually(() => expect(writes).toHaveLength(1));
  void operator.end('SIGTERM');
  await eventually(() => expect(messages(operator.entries())).toContain('Stopping'));
  expect(await operator.end('SIGTERM')).toEqual({ code: null, signal: 'SIGTERM' });
});
