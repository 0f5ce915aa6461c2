import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { eventually, testNamespace } from '../setup/cluster.ts';
import { askForRotation, CredentialsFolder, startRig } from './rig.ts';
import { Rights } from './rights.ts';
import { createAccount } from './tokens.ts';

/** Prints the token in `token` as one that expires after `seconds`, and counts its runs. */
const plugin = `
import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
const file = (name) => join(process.env.FOLDER, name);
appendFileSync(file('runs'), 'x');
const token = readFileSync(file('token'), 'utf8');
const seconds = Number(readFileSync(file('seconds'), 'utf8'));
const expirationTimestamp = new Date(Date.now() + seconds * 1000).toISOString();
const apiVersion = 'client.authentication.k8s.io/v1';
console.log(JSON.stringify({ apiVersion, kind: 'ExecCredential', status: { token, expirationTimestamp } }));
`;

test('a plugin is asked again once its token has expired, and at once where it is refused', {
  timeout: 180_000,
}, async () => {
  const namespace = await testNamespace();
  const issueToken = await createAccount(namespace, 'operator');
  await Rights.ofAccount(namespace, 'operator');
  const folder = new CredentialsFolder();
  const first = await issueToken();
  folder.replace('token', first.token);
  folder.replace('seconds', '3');
  const exec = {
    apiVersion: 'client.authentication.k8s.io/v1',
    interactiveMode: 'Never',
    command: process.execPath,
    args: [folder.replace('plugin.mjs', plugin)],
    env: [{ name: 'FOLDER', value: folder.path('') }],
  };
  const { workspace, operator, answers } = await startRig({ namespace, folder, user: { exec } });
  const runs = () => readFileSync(folder.path('runs'), 'utf8').length;
  const refused = () => answers.filter(({ status }) => status === 401).length;
  await workspace.create('web');
  await workspace.published('web', 1);
  expect(runs()).toBe(1);
  folder.replace('seconds', '3600');

  // Credentials are up to 30 s old when they are looked at again, for the next request.
  let note = 0;
  await eventually(
    async () => {
      note += 1;
      await workspace.edit('web', { secret: { annotations: { 'example.com/note': `${note}` } } });
      expect(runs()).toBe(2);
    },
    { timeoutMs: 60_000, intervalMs: 1000 },
  );
  expect(refused()).toBe(0);

  const second = await issueToken();
  folder.replace('token', second.token);
  await first.revoke();
  await askForRotation(workspace, 'web');
  await workspace.published('web', 2);
  expect(refused()).toBeGreaterThan(0);
  expect(runs()).toBe(3);
  expect(operator.output()).not.toContain('is tried again');
  for (const { token } of [first, second]) expect(operator.output()).not.toContain(token);
});
