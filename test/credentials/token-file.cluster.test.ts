import { expect, test } from 'vitest';
import { eventually, testNamespace } from '../setup/cluster.ts';
import { askForRotation, CredentialsFolder, expectGrowingPauses, startRig } from './rig.ts';
import { Rights } from './rights.ts';
import { createAccount } from './tokens.ts';

test('a token file that is replaced, in time and too late, is read without a restart', {
  timeout: 180_000,
}, async () => {
  const namespace = await testNamespace();
  const issueToken = await createAccount(namespace, 'operator');
  await Rights.ofAccount(namespace, 'operator');
  const folder = new CredentialsFolder();
  const first = await issueToken();
  folder.replace('token', `${first.token}\n`);
  // As kubectl has it, the path is relative to the kubeconfig.
  const rig = await startRig({ namespace, folder, user: { tokenFile: 'token' } });
  const { workspace, operator } = rig;
  const tries = () => rig.writes('PATCH secrets', 'refused');
  await workspace.create('web');
  await workspace.published('web', 1);

  const second = await issueToken();
  folder.replace('token', second.token);
  await first.revoke();
  await askForRotation(workspace, 'web');
  await workspace.published('web', 2);
  expect(operator.output()).not.toContain('is tried again');

  await second.revoke();
  await workspace.edit('web', { secret: { annotations: { 'example.com/note': 'late' } } });
  await eventually(() => expect(tries().length).toBeGreaterThan(6));
  // Whoever truncates the file before it is written leaves it empty for a while.
  folder.replace('token', '');
  await eventually(() => expect(tries().length).toBeGreaterThan(10));
  expectGrowingPauses(tries().slice(-8), 5);
  for (const { status } of tries()) expect(status).toBe(401);
  const told = operator.entries().filter(({ msg }) => msg.endsWith('is tried again'));
  expect(new Set(told.map(({ error }) => error))).toEqual(new Set(['Unauthorized']));

  const third = await issueToken();
  folder.replace('token', third.token);
  await eventually(async () => {
    const { metadata } = await workspace.secret('web');
    expect(metadata.annotations).toMatchObject({ 'example.com/note': 'late' });
  });
  await workspace.published('web', 2);
  for (const { token } of [first, second, third]) expect(operator.output()).not.toContain(token);
});
