import { expect, test } from 'vitest';
import { conditionOf } from '../controller/harness.ts';
import { isWatch } from '../fault-proxy/request.ts';
import { adminClient, eventually, testNamespace } from '../setup/cluster.ts';
import type { Right } from './deployed-rules.ts';
import {
  askForRotation,
  CredentialsFolder,
  expectGrowingPauses,
  type Rig,
  startRig,
} from './rig.ts';
import { Rights } from './rights.ts';
import { createAccount } from './tokens.ts';

async function start(...args: string[]): Promise<Rig & { readonly rights: Rights }> {
  const namespace = await testNamespace();
  const issueToken = await createAccount(namespace, 'operator');
  const rights = await Rights.ofAccount(namespace, 'operator');
  const user = { token: (await issueToken()).token };
  const rig = await startRig({ namespace, folder: new CredentialsFolder(), user, args });
  await rig.workspace.create('web');
  await rig.workspace.published('web', 1);
  return { ...rig, rights };
}

/** As the API server tells it. */
const refusal = ({ verbs, resource }: Right) => `cannot ${verbs[0]} resource "${resource}"`;

function logged({ operator }: Rig, right: Right): string[] {
  return operator
    .entries()
    .filter(({ error }) => String(error).includes(refusal(right)))
    .map(({ msg }) => msg);
}

async function whenConditionTells({ workspace }: Rig, name: string, right: Right): Promise<void> {
  await workspace.reaches(name, (application) => {
    const ready = conditionOf(application, 'Ready');
    expect(ready).toMatchObject({ status: 'False', reason: 'SecretWriteFailed' });
    expect(ready?.message).toContain(refusal(right));
  });
}

// The ninth comes after 1 s or so.
const MANY = 8;

async function whenTriedOften(rig: Rig, what: string): Promise<void> {
  await eventually(() => expect(rig.writes(what, 'refused').length).toBeGreaterThanOrEqual(MANY));
  expectGrowingPauses(rig.writes(what, 'refused'), 5);
}

test('patch secrets: a condition tells, and once given back the rotation is made, once', async () => {
  const rig = await start();
  const { workspace, rights } = rig;
  const right: Right = { verbs: ['patch'], resource: 'secrets' };
  await rights.withdraw(right);
  await askForRotation(workspace, 'web');
  await whenConditionTells(rig, 'web', right);
  await whenTriedOften(rig, 'PATCH secrets');
  expect(new Set(logged(rig, right))).toEqual(
    new Set(['Reconciliation failed and is tried again']),
  );

  await rights.giveBack(right);
  await workspace.published('web', 2);
  expect(rig.writes('PATCH secrets', 'carried out')).toHaveLength(1);
});

test('create secrets: a condition tells, and once given back the first one is issued, once', async () => {
  const rig = await start();
  const { workspace, rights } = rig;
  const right: Right = { verbs: ['create'], resource: 'secrets' };
  await rights.withdraw(right);
  await workspace.create('new');
  await whenConditionTells(rig, 'new', right);
  await whenTriedOften(rig, 'POST secrets');

  await rights.giveBack(right);
  await workspace.published('new', 1);
  expect(rig.writes('POST secrets', 'carried out')).toHaveLength(2);
});

test('delete secrets: a condition tells, and once given back the former Secret goes', async () => {
  const rig = await start();
  const { workspace, rights } = rig;
  const right: Right = { verbs: ['delete'], resource: 'secrets' };
  await rights.withdraw(right);
  await workspace.edit('web', { secret: { name: 'moved' } });
  await whenConditionTells(rig, 'web', right);
  await whenTriedOften(rig, 'DELETE secrets');
  expect(await workspace.findSecret('web')).toBeDefined();

  await rights.giveBack(right);
  await workspace.published('web', 1);
  expect(await workspace.findSecret('web')).toBeUndefined();
});

test('patch oidcapplications/status: the log tells, and what was done is not done again', async () => {
  const rig = await start();
  const { workspace, rights } = rig;
  const right: Right = { verbs: ['patch'], resource: 'oidcapplications/status' };
  await rights.withdraw(right);
  await askForRotation(workspace, 'web');
  await whenTriedOften(rig, 'PATCH oidcapplications/status');
  expect(logged(rig, right)).toContain('Reconciliation failed and is tried again');

  await rights.giveBack(right);
  await workspace.published('web', 2);
  expect(rig.writes('PATCH secrets', 'carried out')).toHaveLength(1);
});

test('list and watch secrets: the log tells, and what happened meanwhile is seen afterwards', async () => {
  const rig = await start();
  const { workspace, proxy, rights } = rig;
  const isOnSecrets = ({ path }: { path: string }) => path.endsWith('/secrets');
  const refused = () =>
    rig.answers.filter(
      ({ request, status }) => status === 403 && request.method === 'GET' && isOnSecrets(request),
    );
  const watch: Right = { verbs: ['watch'], resource: 'secrets' };
  const list: Right = { verbs: ['list'], resource: 'secrets' };
  const both: Right = { verbs: ['watch', 'list'], resource: 'secrets' };
  const before = (await workspace.secret('web')).data;
  await rights.withdraw(both);
  expect(proxy.cut((request) => isWatch(request) && isOnSecrets(request))).toBe(1);
  await workspace.tamper('web', { data: { 'client-id': 'c3RyYXk=' } });
  await eventually(() => {
    expect(logged(rig, watch)).toContain('watch failed and is tried again');
    expect(logged(rig, list)).toContain('list failed and is tried again');
  });
  expectGrowingPauses(refused(), 800);

  await rights.giveBack(both);
  await eventually(async () => expect((await workspace.secret('web')).data).toEqual(before));
  await askForRotation(workspace, 'web');
  await workspace.published('web', 2);
});

test('create events: the log tells, each is tried once, and later ones come through', async () => {
  const rig = await start();
  const { workspace, rights } = rig;
  const right: Right = { verbs: ['create'], resource: 'events' };
  await eventually(() => expect(rig.writes('POST events', 'carried out')).toHaveLength(1));
  await rights.withdraw(right);
  await askForRotation(workspace, 'web');
  await workspace.published('web', 2);
  await eventually(() => expect(logged(rig, right)).toEqual(['An event was not recorded']));

  await rights.giveBack(right);
  await workspace.edit('web', { revokePreviousSecret: true });
  const { namespace } = workspace;
  await eventually(async () => {
    const { items } = await adminClient.events.listNamespacedEvent({ namespace });
    const reasons = items.map(({ reason }) => reason);
    expect(reasons.toSorted()).toEqual(['PreviousSecretRevoked', 'SecretIssued']);
  });
  expect(rig.writes('POST events', 'refused')).toHaveLength(1);
});
