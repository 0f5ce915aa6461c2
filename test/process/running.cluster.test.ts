import { mkdtempSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, onTestFinished, test } from 'vitest';
import { Workspace } from '../controller/harness.ts';
import { startFaultProxy } from '../fault-proxy/fault-proxy.ts';
import { adminClient, eventually, operatorKubeConfig, testNamespace } from '../setup/cluster.ts';
import { parseMetrics } from './metrics.ts';
import { type OperatorProcess, startOperatorProcess } from './operator-process.ts';

const { kubeConfig, path: kubeconfig } = await operatorKubeConfig();

async function start(namespace: string, ...args: string[]): Promise<OperatorProcess> {
  return await startOperatorProcess({
    args: [`--kubeconfig=${kubeconfig}`, `--namespaces=${namespace}`, ...args],
  });
}

async function metricsOf(operator: OperatorProcess) {
  const { body } = await operator.ask('/metrics');
  return parseMetrics(body);
}

test('/readyz answers 503 and what is awaited until the caches are filled, then 200', async () => {
  const namespace = await testNamespace();
  const proxy = await startFaultProxy(kubeConfig);
  onTestFinished(proxy.stop);
  const held = Promise.withResolvers<void>();
  proxy.intercept({
    async onRequest({ path }) {
      if (path.endsWith('/oidcapplications')) await held.promise;
    },
  });
  const operator = await startOperatorProcess({
    args: [`--kubeconfig=${proxy.kubeConfig.path}`, `--namespaces=${namespace}`],
  });
  await eventually(async () => {
    expect(await operator.ask('/readyz')).toEqual({
      status: 503,
      body: 'waiting for the caches of OIDCApplications, Secrets and identity providers\n',
    });
  });
  expect(await operator.ask('/healthz')).toEqual({ status: 200, body: 'ok\n' });
  expect((await operator.ask('/nothing')).status).toBe(404);

  held.resolve();
  await eventually(async () => {
    expect(await operator.ask('/readyz')).toEqual({ status: 200, body: 'ok\n' });
  });
});

test('/metrics has the metrics of every controller, and those of Keyturn', async () => {
  const namespace = await testNamespace();
  const workspace = new Workspace(namespace);
  const operator = await start(namespace);
  await operator.untilReady();
  await workspace.create('web');
  await workspace.published('web', 1);

  const { names } = await metricsOf(operator);
  expect([...names]).toEqual(
    expect.arrayContaining([
      'controller_runtime_reconcile_total',
      'controller_runtime_reconcile_errors_total',
      'controller_runtime_reconcile_time_seconds',
      'controller_runtime_active_workers',
      'controller_runtime_max_concurrent_reconciles',
      'workqueue_depth',
      'workqueue_adds_total',
      'workqueue_queue_duration_seconds',
      'workqueue_work_duration_seconds',
      'workqueue_retries_total',
      'workqueue_longest_running_processor_seconds',
      'rest_client_requests_total',
      'rest_client_request_duration_seconds',
      'leader_election_master_status',
      'keyturn_applications',
      'keyturn_previous_secrets_retained',
      'keyturn_revocations_overdue',
      'keyturn_rotations_held',
      'keyturn_applications_stalled',
      'keyturn_clock_skew_seconds',
      'keyturn_steps_total',
      'keyturn_revocation_duration_seconds',
    ]),
  );
  await eventually(async () => {
    const metrics = await metricsOf(operator);
    expect(metrics.value('keyturn_applications', { ready: 'true' })).toBe(1);
    expect(metrics.value('keyturn_steps_total', { kind: 'Issue' })).toBe(1);
    expect(
      metrics.value('rest_client_requests_total', { method: 'POST', resource: 'secrets' }),
    ).toBe(1);
    expect(metrics.value('controller_runtime_active_workers')).toBe(0);
  });
});

/** A kubeconfig of another cluster, as somebody has who works with several. */
function otherFile(): string {
  const directory = mkdtempSync(join(tmpdir(), 'keyturn-kubeconfig-'));
  afterAll(() => rm(directory, { recursive: true }));
  const path = join(directory, 'other');
  writeFileSync(
    path,
    'clusters: [{name: other, cluster: {server: "https://other.example"}}]\ncontexts: []\nusers: []\n',
  );
  return path;
}

/** Creates an application, rotates its secret and revokes the previous one. */
async function rotateAndRevoke(workspace: Workspace, name: string): Promise<void> {
  await workspace.create(name);
  await workspace.published(name, 1);
  await workspace.edit(name, { rotation: { rotateAfter: new Date().toISOString() } });
  await workspace.published(name, 2);
  await workspace.edit(name, { revokePreviousSecret: true });
  await workspace.reaches(name, ({ status }) => expect(status?.previousSecret).toBeUndefined());
}

const transitions = ['SecretIssued', 'SecretRotated', 'PreviousSecretRevoked'];

test('each transition is one line of JSON and one event, with the reconciliation it is of', async () => {
  const namespace = await testNamespace();
  const operator = await start(namespace);
  await operator.untilReady();
  await rotateAndRevoke(new Workspace(namespace), 'web');

  const told = operator.entries().filter(({ application }) => application === `${namespace}/web`);
  expect(told.map(({ reason }) => reason)).toEqual(transitions);
  const ids = told.map(({ reconcileID }) => String(reconcileID));
  for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f-]{27}$/);
  expect(new Set(ids).size).toBe(3);
  for (const { level, time } of operator.entries()) {
    expect(level).toBe('info');
    expect(Date.parse(time)).toBeGreaterThan(Date.now() - 600_000);
  }
  await eventually(async () => {
    const { items } = await adminClient.events.listNamespacedEvent({ namespace });
    expect(items.map(({ reason }) => reason ?? '').sort()).toEqual([...transitions].sort());
  });
});

test('--log-format text: each transition is one line too', async () => {
  const namespace = await testNamespace();
  const operator = await start(namespace, '--log-format=text');
  await eventually(() => expect(operator.output()).toContain('Caches are filled'));
  await rotateAndRevoke(new Workspace(namespace), 'web');

  const lines = operator.output().trimEnd().split('\n');
  for (const line of lines) expect(line).toMatch(/^\[\d{4}-\d\d-\d\dT[\d:.]+Z\] INFO: /);
  const told = lines.filter((line) => line.includes(`"application":"${namespace}/web"`));
  expect(told.map((line) => line.match(/"reason":"(\w+)"/)?.[1])).toEqual(transitions);
  for (const line of told) expect(line).toMatch(/"reconcileID":"[0-9a-f-]{36}"/);
});

test('--namespaces: nothing is done elsewhere', async () => {
  const [first, second, elsewhere] = [
    await testNamespace(),
    await testNamespace(),
    await testNamespace(),
  ];
  await new Workspace(elsewhere).create('web');
  const operator = await start(`${first},${second}`);
  await operator.untilReady();
  for (const namespace of [first, second]) {
    await new Workspace(namespace).create('web');
    await new Workspace(namespace).published('web', 1);
  }
  const metrics = await metricsOf(operator);
  expect(metrics.value('keyturn_applications')).toBe(2);
  expect(metrics.value('workqueue_adds_total')).toBe(2);
  expect((await new Workspace(elsewhere).application('web')).status).toBeUndefined();
});

test.for<[string, Record<string, string>]>([
  ['one file', { KUBECONFIG: kubeconfig }],
  ['several files', { KUBECONFIG: `${kubeconfig}:${otherFile()}` }],
  ['a context of a file', { KUBECONFIG: kubeconfig, KEYTURN_CONTEXT: 'loaded-context' }],
])('KUBECONFIG is honoured: %s', async ([, env]) => {
  const namespace = await testNamespace();
  const operator = await startOperatorProcess({
    env: { ...env, KEYTURN_NAMESPACES: namespace },
  });
  await operator.untilReady();
  await new Workspace(namespace).create('web');
  await new Workspace(namespace).published('web', 1);
});

test.for<[string, boolean]>([
  ['true', true],
  ['false', false],
])('KEYTURN_PAUSE_ROTATIONS=%s: %s, and it is told at the start', async ([value, paused]) => {
  const namespace = await testNamespace();
  const workspace = new Workspace(namespace);
  const operator = await startOperatorProcess({
    args: [`--kubeconfig=${kubeconfig}`, `--namespaces=${namespace}`],
    env: { KEYTURN_PAUSE_ROTATIONS: value },
  });
  await operator.untilReady();
  const messages = operator.entries().map(({ msg }) => msg);
  expect(messages.some((message) => message.startsWith('Rotations are paused'))).toBe(paused);
  await workspace.create('web');
  await workspace.published('web', 1);
  await workspace.edit('web', { rotation: { rotateAfter: new Date().toISOString() } });
  await workspace.published('web', paused ? 1 : 2);
});
