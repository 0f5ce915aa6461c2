import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Document, parseDocument } from 'yaml';
import type { OIDCApplication } from '../../src/controller/resources.ts';
import { keyturn } from '../cli/plugin.ts';
import { clientSecrets, clientsFor, conditionOf, Workspace } from '../controller/harness.ts';
import { type OperatorProcess, startOperatorProcess } from '../process/operator-process.ts';
import { eventually } from '../setup/cluster.ts';
import { type ControlPlane, startControlPlane } from '../testbed/control-plane.ts';

let controlPlane: ControlPlane;

beforeAll(async () => {
  controlPlane = await startControlPlane();
  await controlPlane.applyFile('crds/');
}, 120_000);

afterAll(async () => {
  await controlPlane?.stop();
});

const SCHEMA = ['spec', 'versions', 0, 'schema', 'openAPIV3Schema', 'properties'];
const SPEC = [...SCHEMA, 'spec', 'properties'];
const STATUS = [...SCHEMA, 'status', 'properties'];

/** The CRD of applications; with a change, as another version of Keyturn might have it. */
function crd(change?: (crd: Document) => void): string {
  const document = parseDocument(readFileSync('crds/keyturn.dev_oidcapplications.yaml', 'utf8'));
  change?.(document);
  return document.toString();
}

const present = crd();
const freshen = (crd: Document) =>
  crd.setIn([...SPEC, 'fresh'], { type: 'string', default: 'made up' });
const newer = crd(freshen);
const older = crd((crd) => {
  crd.deleteIn([...SPEC, 'revokeRetiredBefore']);
  crd.deleteIn([...STATUS, 'nextRotationTime']);
});
const withoutReason = crd((crd) => {
  freshen(crd);
  crd.setIn([...STATUS, 'lastRevocation', 'properties', 'reason', 'enum'], ['Expired']);
});

/** What kubectl says to a manifest with a field; undefined where it is taken. */
async function objectionTo(field: string): Promise<string | undefined> {
  const manifest = {
    ...{ apiVersion: 'keyturn.dev/v1alpha1', kind: 'OIDCApplication' },
    metadata: { namespace: 'default', name: 'probe' },
    spec: { [field]: '2026-01-01T00:00:00Z' },
  };
  const args = ['apply', '--dry-run=server', '--filename=-'];
  const { code, stderr } = await controlPlane.kubectl(args, { input: JSON.stringify(manifest) });
  return code === 0 ? undefined : stderr;
}

/** Applies a CRD, and waits until the API server goes by it. */
async function serve(crd: string, isInForce: () => Promise<void>): Promise<void> {
  await controlPlane.apply(crd);
  await eventually(isInForce);
}

const isTaken = (field: string) => async () => expect(await objectionTo(field)).toBeUndefined();
const isRefused = (field: string) => async () =>
  expect(await objectionTo(field)).toContain(
    `strict decoding error: unknown field "spec.${field}"`,
  );

/** The operator of this version, and an administrator in the namespace where it works. */
async function start(): Promise<{ operator: OperatorProcess; workspace: Workspace }> {
  const { path, kubeConfig } = controlPlane.adminKubeConfig;
  const operator = await startOperatorProcess({
    args: [
      `--kubeconfig=${path}`,
      ...['--namespaces=default', '--leader-election-namespace=default'],
      '--cluster-providers=false',
    ],
  });
  await operator.untilReady();
  return { operator, workspace: new Workspace('default', clientsFor(kubeConfig)) };
}

async function rotate(workspace: Workspace, name: string): Promise<void> {
  await workspace.published(name, 1);
  await workspace.edit(name, { rotation: { rotateAfter: new Date().toISOString() } });
  await workspace.published(name, 2);
}

async function isRevoked(workspace: Workspace, name: string): Promise<OIDCApplication> {
  return await workspace.reaches(name, (application) =>
    expect(conditionOf(application, 'PreviousSecretRetained')?.reason).toBe('Revoked'),
  );
}

test('CRDs newer than the operator: it works, and leaves a field alone that it does not know', async () => {
  await serve(newer, isTaken('fresh'));
  const { workspace } = await start();
  await workspace.create('newer');
  await rotate(workspace, 'newer');
  expect((await workspace.application('newer')).spec).toMatchObject({ fresh: 'made up' });
});

test('CRDs older than the operator: it works, without the fields that they do not have', async () => {
  await serve(present, isRefused('fresh'));
  const { operator, workspace } = await start();
  const spec = { revokeRetiredBefore: '2026-01-01T00:00:00Z', rotation: { every: '720h' } };
  for (const name of ['older', 'untouched']) {
    await workspace.create(name, spec);
    await workspace.published(name, 1);
  }
  const revokeRetiredBefore = async (name: string) =>
    (await workspace.application(name)).spec.revokeRetiredBefore;

  await serve(older, isRefused('revokeRetiredBefore'));
  expect(await revokeRetiredBefore('older')).toBeUndefined();
  await rotate(workspace, 'older');
  const { path: kubeconfig } = controlPlane.adminKubeConfig;
  const revocation = await keyturn(['revoke', 'older', '--yes', '-n', 'default'], { kubeconfig });
  expect(revocation.code).toBe(1);
  expect(revocation.stderr).toContain('.spec.revokeRetiredBefore: field not declared in schema');
  await workspace.edit('older', { revokePreviousSecret: true });
  const { status } = await isRevoked(workspace, 'older');
  expect(status?.nextRotationTime).toBeUndefined();
  expect(clientSecrets(await workspace.secret('older')).previous).toBeUndefined();
  expect(operator.entries().filter(({ level }) => level !== 'info')).toEqual([]);

  // What was written meanwhile has lost the field; what was not still has it.
  await serve(present, isTaken('revokeRetiredBefore'));
  expect(await revokeRetiredBefore('older')).toBeUndefined();
  expect(await revokeRetiredBefore('untouched')).toBe(spec.revokeRetiredBefore);
});

test('CRDs that do not know a value of status: what is asked for is done, and told once they do', async () => {
  await serve(present, isRefused('fresh'));
  const { operator, workspace } = await start();
  await workspace.create('value');
  await rotate(workspace, 'value');
  await serve(withoutReason, isTaken('fresh'));
  await workspace.edit('value', { revokePreviousSecret: true });
  await eventually(async () => {
    expect(clientSecrets(await workspace.secret('value')).previous).toBeUndefined();
    expect(operator.output()).toContain('status.lastRevocation.reason: Unsupported value');
  });
  const behind = await workspace.application('value');
  expect(conditionOf(behind, 'PreviousSecretRetained')?.status).toBe('True');

  await controlPlane.apply(present);
  await isRevoked(workspace, 'value');
});

test('a backing Secret of a newer version: what it says besides is passed over, and nothing is lost', async () => {
  const { workspace } = await start();
  await workspace.create('state');
  await workspace.published('state', 1);
  const { current: first } = clientSecrets(await workspace.secret('state'));
  const state = (await workspace.secret('state')).metadata.annotations?.['keyturn.dev/state'];
  const written = JSON.stringify({ ...JSON.parse(state ?? ''), fresh: { made: 'up' } });
  await workspace.tamper('state', { metadata: { annotations: { 'keyturn.dev/state': written } } });

  await rotate(workspace, 'state');
  expect(clientSecrets(await workspace.secret('state')).previous).toBe(first);
});
