import { readFileSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import { objectAt } from '../../src/kubernetes/json.ts';
import { admin, clientSecrets, conditionOf, Workspace } from '../controller/harness.ts';
import { startFaultProxy } from '../fault-proxy/fault-proxy.ts';
import { type ProxiedRequest, writeOf } from '../fault-proxy/request.ts';
import { cluster, eventually, operatorKubeConfig, testNamespace } from '../setup/cluster.ts';
import { type Denial, denyByPolicy, denyByWebhook } from './denials.ts';
import { leaksIn } from './leaks.ts';
import { startOperatorProcess } from './operator-process.ts';

/** The values under `data` of every write of a Secret, client IDs left out. */
function valuesIn(request: ProxiedRequest): string[] {
  if (writeOf(request)?.what.endsWith(' secrets') !== true) return [];
  const data = objectAt(JSON.parse(request.body.toString()), 'data') ?? {};
  return Object.entries(data)
    .filter(([key]) => key !== 'client-id')
    .flatMap(([, value]) => (typeof value === 'string' ? [value] : []));
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}

/** A run that sees everything: what it issued, what others wrote, and what the operator told. */
class Run {
  readonly workspace: Workspace;
  readonly values: Set<string>;

  constructor(workspace: Workspace, values: Set<string>) {
    this.workspace = workspace;
    this.values = values;
  }

  /** A value that somebody else writes. */
  foreign(label: string): string {
    const value = base64(`${label}-${crypto.randomUUID()}`);
    this.values.add(value);
    return value;
  }

  async rotate(name: string): Promise<unknown> {
    return await this.workspace.edit(name, { rotation: { rotateAfter: new Date().toISOString() } });
  }

  async established(name: string, spec = {}): Promise<void> {
    await this.workspace.create(name, spec);
    await this.workspace.published(name, 1);
  }

  async rotated(name: string, spec = {}): Promise<void> {
    await this.established(name, spec);
    await this.rotate(name);
    await this.workspace.published(name, 2);
  }

  async reason(name: string, type: string, reason: string): Promise<void> {
    await this.workspace.reaches(name, (application) =>
      expect(conditionOf(application, type)?.reason).toBe(reason),
    );
  }

  async offer(name: string, metadata: object, data: Record<string, string>): Promise<void> {
    const { namespace } = this.workspace;
    await admin.secrets.create({
      ...{ apiVersion: 'v1', kind: 'Secret', data },
      metadata: { namespace, name, ...metadata },
    });
  }
}

/** Every transition, by spec and by others' hands. */
async function passThroughAll(run: Run): Promise<void> {
  const { workspace } = run;
  await run.rotated('revoked');
  await workspace.edit('revoked', { revokePreviousSecret: true });
  await run.reason('revoked', 'PreviousSecretRetained', 'Revoked');

  await run.rotated('leaked');
  await workspace.edit('leaked', { revokeIssuedBefore: new Date().toISOString() });
  await workspace.published('leaked', 3);

  await run.rotated('expired');
  const past = { 'keyturn.dev/previous-expires-at': new Date().toISOString() };
  await workspace.tamper('expired', { metadata: { annotations: past } });
  await run.reason('expired', 'PreviousSecretRetained', 'Expired');

  const adopt = { annotations: { 'keyturn.dev/adopt-by': 'adopted' } };
  await run.offer('adopted', adopt, { 'client-secret': run.foreign('adopted') });
  await run.established('adopted');
  const refuse = { annotations: { 'keyturn.dev/adopt-by': 'refused' } };
  const mismatch = { 'client-id': run.foreign('id'), 'client-secret': run.foreign('refused') };
  await run.offer('refused', refuse, mismatch);
  await workspace.create('refused');
  await run.reason('refused', 'Stalled', 'SecretConflict');

  await run.offer('taken', {}, { 'client-secret': run.foreign('taken') });
  await workspace.create('taken');
  await run.reason('taken', 'Stalled', 'SecretConflict');

  await run.established('by-hand');
  const issued = clientSecrets(await workspace.secret('by-hand')).current ?? '';
  await workspace.tamper('by-hand', { data: { 'client-secret': run.foreign('by-hand') } });
  await workspace.published('by-hand', 2);
  for (const version of [3, 4]) {
    await workspace.tamper('by-hand', { data: { 'client-secret': base64(issued) } });
    await workspace.reaches('by-hand', ({ status }) =>
      expect(status?.currentSecret?.version).toBe(version),
    );
  }
  await run.reason('by-hand', 'Stalled', 'FormerSecretRestored');

  await run.rotated('stray');
  await workspace.edit('stray', { revokePreviousSecret: true });
  await run.reason('stray', 'PreviousSecretRetained', 'Revoked');
  await workspace.tamper('stray', { data: { 'previous-client-secret': run.foreign('stray') } });
  await eventually(async () =>
    expect(clientSecrets(await workspace.secret('stray')).previous).toBeUndefined(),
  );

  await run.rotated('malformed');
  const nonsense = { 'keyturn.dev/state': '{', 'keyturn.dev/issued-at': 'yesterday' };
  await workspace.tamper('malformed', { metadata: { annotations: nonsense } });
  await run.reason('malformed', 'Stalled', 'SecretMalformed');

  await run.rotated('moved');
  await workspace.edit('moved', {
    secret: { name: 'moved-on', keys: { clientSecret: 'password' } },
  });
  await eventually(async () => expect(await workspace.findSecret('moved')).toBeUndefined());
  await run.rotated('immutable');
  await workspace.tamper('immutable', { immutable: true });
  await run.reason('immutable', 'Stalled', 'SecretImmutable');
}

const filler = (preamble: string) => 'x'.repeat(1024 - 30 - preamble.length);

/** CEL expressions that tell of a Secret what its writer never meant to tell. */
const policies: Readonly<Record<string, (preamble: string) => string>> = {
  whole: () => "'no: ' + object.data['client-secret']",
  piece: () => "'no: ' + object.data['client-secret'].substring(10, 40) + '...'",
  // A message is cut at 1024 characters: here 30 characters into the value.
  cut: (preamble) => `'${filler(preamble)}' + object.data['client-secret']`,
};

const secretIn = (data: Readonly<Record<string, unknown>>) => String(data['client-secret']);
const clearIn = (data: Readonly<Record<string, unknown>>) =>
  Buffer.from(secretIn(data), 'base64').toString();

/** Webhooks that do so, with statuses that mean something else where the API server gives them. */
const webhooks: readonly Denial[] = [
  { code: 409, reason: 'Conflict', message: (data) => `no: ${clearIn(data)}` },
  { code: 404, reason: 'NotFound', message: (data) => `no: ${base64(secretIn(data))}` },
  { code: 409, reason: 'AlreadyExists', message: (data) => `no: ${JSON.stringify(data)}` },
  { code: 500, reason: 'InternalError', message: (data, pre) => filler(pre) + clearIn(data) },
  { code: 422, reason: 'Invalid', message: (data) => `no:\n${clearIn(data).slice(4)}\n` },
];

/** Writes that fail, with answers that quote the secret. */
async function failInAllWays(run: Run): Promise<void> {
  const { workspace } = run;
  const { namespace } = workspace;
  const cases = Object.entries(policies);
  for (const [name, message] of cases) {
    await run.established(`update-${name}`);
    onTestFinished(await denyByPolicy(namespace, `create-${name}`, 'CREATE', message));
    onTestFinished(await denyByPolicy(namespace, `update-${name}`, 'UPDATE', message));
  }
  for (const [name] of cases) {
    await denies(workspace, `update-${name}`);
    await run.rotate(`update-${name}`);
    await workspace.create(`create-${name}`);
    await run.reason(`create-${name}`, 'Ready', 'SecretWriteFailed');
    await run.reason(`update-${name}`, 'Ready', 'SecretWriteFailed');
  }
  for (const [index, denial] of webhooks.entries()) {
    const name = `hook-${index}`;
    await run.established(name);
    onTestFinished(await denyByWebhook(namespace, name, denial));
    await denies(workspace, name);
    await run.rotate(name);
    await run.reason(name, 'Ready', 'SecretWriteFailed');
  }
}

/** Waits until updates of the Secret are denied: the API server takes a policy up with a delay. */
async function denies(workspace: Workspace, name: string): Promise<void> {
  await eventually(() =>
    workspace.tamper(name, { metadata: { labels: { probe: crypto.randomUUID() } } }).then(
      () => Promise.reject(new Error(`updates of ${name} are not denied yet`)),
      () => undefined,
    ),
  );
}

test('no secret value leaves the Secrets: not by log, event, status, metric, argument or environment', async () => {
  const namespace = await testNamespace('leak');
  const proxy = await startFaultProxy((await operatorKubeConfig()).kubeConfig);
  onTestFinished(proxy.stop);
  const values = new Set<string>();
  proxy.intercept({
    onRequest(request) {
      for (const value of valuesIn(request)) values.add(value);
      return undefined;
    },
  });
  const operator = await startOperatorProcess({
    args: [
      `--kubeconfig=${proxy.kubeConfig.path}`,
      `--namespaces=${namespace}`,
      '--log-level=trace',
    ],
  });
  await operator.untilReady();
  const run = new Run(new Workspace(namespace), values);

  await passThroughAll(run);
  await failInAllWays(run);

  const kinds = ['oidcapplications', 'events.v1.', 'events.v1.events.k8s.io'];
  const { stdout: objects } = await cluster.kubectl([
    ...['get', kinds.join(','), `--namespace=${namespace}`],
    ...['--output=json', '--show-managed-fields'],
  ]);
  const { body: metrics } = await operator.ask('/metrics');
  const told: Record<string, string> = {
    arguments: readFileSync(`/proc/${operator.pid}/cmdline`, 'utf8'),
    environment: readFileSync(`/proc/${operator.pid}/environ`, 'utf8'),
    metrics,
    objects,
  };
  expect(await operator.end('SIGTERM')).toEqual({ code: 0, signal: null });
  told['log'] = operator.output();

  expect(values.size).toBeGreaterThan(40);
  expect(told['objects']).toContain('SecretWriteFailed');
  expect(told['objects']).toContain('no: [secret value]');
  expect(told['log']).toContain('denied the request: no: [secret value]');
  for (const [where, text] of Object.entries(told)) {
    expect(text.length, where).toBeGreaterThan(50);
    expect(leaksIn(text, values), `leaks in ${where}`).toEqual([]);
  }
}, 180_000);
