import { expect, test } from 'vitest';
import { applyFields } from '../../src/cli/apply.ts';
import type { Field } from '../../src/cli/ownership.ts';
import { openSession } from '../../src/cli/session.ts';
import { Workspace } from '../controller/harness.ts';
import { clientsOf } from '../controller/observe.ts';
import { cluster, testNamespace } from '../setup/cluster.ts';
import { storedApplication } from './plugin.ts';

const field: Field = { path: ['revokeRetiredBefore'], value: '2026-01-01T00:00:00.000Z' };
const options = { forceConflicts: false, dryRun: false };

/** An application that nobody works on, as the plugin read it. */
async function read() {
  const namespace = await testNamespace();
  const session = openSession({ namespace }, () => cluster.adminKubeConfig.kubeConfig);
  const workspace = new Workspace(namespace);
  await workspace.create('web');
  const application = await session.applications.get({ namespace, name: 'web' });
  return { namespace, session, workspace, application };
}

test('a status that was written since does not matter', async () => {
  const { namespace, session, workspace, application } = await read();
  await clientsOf('keyturn').applications.mergePatch(
    { namespace, name: 'web' },
    { status: { observedGeneration: 1 } },
    { subresource: 'status' },
  );
  await applyFields(session, application, [field], options);
  expect((await workspace.application('web')).spec.revokeRetiredBefore).toBe(field.value);
});

test('other fields that were changed since stay as they are', async () => {
  const { session, workspace, application } = await read();
  await workspace.edit('web', { suspend: true });
  await applyFields(session, application, [field], options);
  expect((await workspace.application('web')).spec).toMatchObject({
    suspend: true,
    revokeRetiredBefore: field.value,
  });
});

test('the field itself, changed since by somebody else, is left to them', async () => {
  const { session, workspace, application } = await read();
  await workspace.edit('web', { revokeRetiredBefore: '2025-01-01T00:00:00Z' });
  await expect(applyFields(session, application, [field], options)).rejects.toThrow(
    'somebody changed spec.revokeRetiredBefore meanwhile',
  );
  const { spec } = await workspace.application('web');
  expect(spec.revokeRetiredBefore).toBe('2025-01-01T00:00:00Z');
});

test('an application that was deleted since is not created', async () => {
  const { namespace, session, application } = await read();
  await session.applications.delete(application.metadata);
  await expect(applyFields(session, application, [field], options)).rejects.toThrow('deleted');
  expect(await session.applications.find({ namespace, name: 'web' })).toBeUndefined();
});

test('another one of the same name is left alone', async () => {
  const { session, workspace, application } = await read();
  await session.applications.delete(application.metadata);
  await workspace.create('web');
  await expect(applyFields(session, application, [field], options)).rejects.toThrow('deleted');
  expect((await workspace.application('web')).spec.revokeRetiredBefore).toBeUndefined();
});

test('what the plugin applied before stays applied, and nothing else is claimed', async () => {
  const { namespace, session, application } = await read();
  await applyFields(session, application, [field], options);
  const again = await session.applications.get({ namespace, name: 'web' });
  const rotation: Field = { path: ['rotation', 'retainPreviousFor'], value: '1h' };
  await applyFields(session, again, [rotation], options);
  const { spec, metadata } = await storedApplication({ namespace }, 'web');
  expect(spec).toMatchObject({
    revokeRetiredBefore: field.value,
    rotation: { retainPreviousFor: '1h' },
  });
  const own = metadata.managedFields?.find(({ manager }) => manager === 'kubectl-keyturn');
  expect(own).toMatchObject({ operation: 'Apply' });
  expect(own?.fieldsV1).toEqual({
    'f:spec': { 'f:revokeRetiredBefore': {}, 'f:rotation': { 'f:retainPreviousFor': {} } },
  });
});
