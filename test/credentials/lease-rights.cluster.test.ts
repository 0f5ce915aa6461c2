import { expect, test } from 'vitest';
import { startOperatorProcess } from '../process/operator-process.ts';
import { eventually, testNamespace } from '../setup/cluster.ts';
import type { Right } from './deployed-rules.ts';
import { askForRotation, CredentialsFolder, startRig } from './rig.ts';
import { Rights } from './rights.ts';
import { createAccount } from './tokens.ts';

const UPDATE: Right = { verbs: ['update'], resource: 'leases', name: 'keyturn' };
const LEADS = 'This replica leads';
const FAILED = 'The Lease could not be renewed';

async function start(...timing: string[]) {
  const namespace = await testNamespace();
  const issueToken = await createAccount(namespace, 'operator');
  const rights = await Rights.ofAccount(namespace, 'operator');
  const folder = new CredentialsFolder();
  const user = { token: (await issueToken()).token };
  const election = ['--leader-elect', `--leader-election-namespace=${namespace}`];
  const args = ['--cluster-providers=false', ...election, ...timing];
  const rig = await startRig({ namespace, folder, user, args });
  await rig.workspace.create('web');
  await rig.workspace.published('web', 1);
  const again = [`--kubeconfig=${folder.path('kubeconfig')}`, `--namespaces=${namespace}`, ...args];
  return { ...rig, rights, again };
}

test('update leases, given back before the renew deadline: the leader goes on', async () => {
  const rig = await start('--lease-duration=120s', '--renew-deadline=100s', '--retry-period=1s');
  const { operator, rights, workspace } = rig;
  await rights.withdraw(UPDATE);
  await eventually(() => {
    const told = operator.entries().filter(({ msg }) => msg === FAILED);
    expect(told.length).toBeGreaterThan(1);
    for (const { error } of told) expect(error).toContain('cannot update resource "leases"');
  });
  await rights.giveBack(UPDATE);
  const renewed = rig.writes('PUT leases', 'carried out').length;
  await eventually(() =>
    expect(rig.writes('PUT leases', 'carried out').length).toBeGreaterThan(renewed),
  );
  await askForRotation(workspace, 'web');
  await workspace.published('web', 2);
  expect(operator.entries().filter(({ msg }) => msg === LEADS)).toHaveLength(1);
});

test('update leases, for longer: the leader ends, and the next waits until it may lead', async () => {
  const timing = ['--lease-duration=3s', '--renew-deadline=2s', '--retry-period=1s'];
  const { operator, rights, workspace, again } = await start(...timing);
  await rights.withdraw(UPDATE);
  expect(await operator.exited).toEqual({ code: 1, signal: null });
  expect(operator.output()).toContain('The Lease was lost: not renewed in time');

  const next = await startOperatorProcess({ args: again });
  await next.untilReady();
  await askForRotation(workspace, 'web');
  await eventually(() => {
    const told = next.entries().filter(({ msg }) => msg === FAILED);
    expect(told.length).toBeGreaterThan(1);
  });
  expect((await workspace.application('web')).status?.currentSecret?.version).toBe(1);
  await rights.giveBack(UPDATE);
  await workspace.published('web', 2);
});
