import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { Workspace } from '../controller/harness.ts';
import { eventually, testNamespace } from '../setup/cluster.ts';
import {
  createAuthority,
  issueServerCertificate,
  type KeyCertificate,
} from '../testbed/certificates.ts';
import { askForRotation, CredentialsFolder, startRig } from './rig.ts';
import { Rights } from './rights.ts';
import { createAccount } from './tokens.ts';

const limit = { timeout: 180_000 };
const stray = 'c3RyYXk=';

async function start() {
  const namespace = await testNamespace();
  const issueToken = await createAccount(namespace, 'operator');
  await Rights.ofAccount(namespace, 'operator');
  const folder = new CredentialsFolder();
  const rig = await startRig({ namespace, folder, user: { token: (await issueToken()).token } });
  await rig.workspace.create('web', { rotation: { retainPreviousFor: '0s' } });
  await rig.workspace.published('web', 1);
  return { ...rig, folder };
}

const certificateOf = (authority: KeyCertificate) =>
  issueServerCertificate(authority, ['127.0.0.1']);

/** Waits until both watches and the requests work: on the application, on the Secret, to write. */
async function rotates(workspace: Workspace, version: number): Promise<void> {
  await askForRotation(workspace, 'web');
  await workspace.published('web', version);
  await workspace.tamper('web', { data: { 'client-id': stray } });
  await eventually(async () => {
    expect((await workspace.secret('web')).data?.['client-id']).not.toBe(stray);
  });
}

test(
  'a CA that is replaced by way of a bundle of both is followed without a restart',
  limit,
  async () => {
    const { workspace, proxy, folder } = await start();
    const next = createAuthority();
    const former = readFileSync(folder.path('ca.crt'), 'utf8');
    folder.replace('ca.crt', former + next.certificate);
    proxy.present(certificateOf(next));
    await rotates(workspace, 2);
    folder.replace('ca.crt', next.certificate);
    proxy.present(certificateOf(next));
    await rotates(workspace, 3);
  },
);

test(
  'a CA that is replaced too late: the log tells, and it is followed without a restart',
  limit,
  async () => {
    const { workspace, proxy, operator, folder } = await start();
    const next = createAuthority();
    proxy.present(certificateOf(next));
    await askForRotation(workspace, 'web');
    await eventually(() => {
      const errors = operator
        .entries()
        .filter(({ error }) => String(error).includes('certificate'));
      expect(errors.length).toBeGreaterThan(2);
    });
    expect((await workspace.application('web')).status?.currentSecret?.version).toBe(1);
    folder.replace('ca.crt', next.certificate);
    await workspace.published('web', 2);
    await rotates(workspace, 3);
  },
);
