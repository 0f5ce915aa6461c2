import { randomBytes } from 'node:crypto';
import { AuthorizationV1Api, CoreV1Api } from '@kubernetes/client-node';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { OIDCApplicationSpec } from '../../../src/api/oidcapplication.gen.ts';
import { eventually } from '../../setup/cluster.ts';
import { ENDING, HARMLESS } from './attempts.ts';
import { create, edit, expectRefused, type Gate, manifest, startGate } from './gate.ts';

let gate: Gate;
let core: CoreV1Api;

beforeAll(async () => {
  gate = await startGate();
  core = gate.controlPlane.adminKubeConfig.kubeConfig.makeApiClient(CoreV1Api);
}, 120_000);

afterAll(async () => {
  await gate?.controlPlane.stop();
});

/** Creates an application as somebody with every right, and resolves to its name. */
async function given(spec: OIDCApplicationSpec = {}): Promise<string> {
  const name = `web-${randomBytes(4).toString('hex')}`;
  await create(gate.admin, name, spec);
  return name;
}

// Garbage collection looks for new kinds of resources every 30 s.
const COLLECTED_WITHIN_MS = 90_000;

const at = (name: string) => ({ namespace: gate.namespace, name });

test.for(Object.entries(ENDING))('%s: refused to an editor', async ([, attempt]) => {
  const name = await given(attempt.from);
  await expectRefused(edit(gate.editor, name, attempt.change), attempt.field);
});

test.for(Object.entries(ENDING))('%s: let through to a revoker', async ([, attempt]) => {
  const name = await given(attempt.from);
  const { metadata } = await edit(gate.revoker, name, attempt.change);
  expect(metadata.generation).toBe(2);
});

test.for(Object.entries(HARMLESS))('%s: let through to an editor', async ([, attempt]) => {
  const name = await given(attempt.from);
  const { metadata } = await edit(gate.editor, name, attempt.change);
  expect(metadata.generation).toBe(2);
});

// An application that is deleted under Retain takes its Secret up when it is created again.
test.for<[string, OIDCApplicationSpec]>([
  ['revokePreviousSecret', { revokePreviousSecret: true }],
  ['revokeRetiredBefore', { revokeRetiredBefore: '2026-03-01T10:00:00Z' }],
  ['revokeIssuedBefore', { revokeIssuedBefore: '2026-03-01T10:00:00Z' }],
  ['rotation.retainPreviousFor', { rotation: { retainPreviousFor: '0s' } }],
  ['rotation.retainPreviousFor', { rotation: { retainPreviousFor: '59m' } }],
  ['deletionPolicy', { deletionPolicy: 'Delete' }],
])('deleted and created again with %s: refused to an editor', async ([field, spec]) => {
  const name = await given();
  await gate.editor.delete(at(name));
  await expectRefused(create(gate.editor, name, spec), field);
  await create(gate.revoker, name, spec);
});

test('created under a generated name with deletionPolicy Delete: refused to an editor', async () => {
  const { metadata, ...rest } = manifest('', { deletionPolicy: 'Delete' });
  const body = { ...rest, metadata: { ...metadata, name: '', generateName: 'web-' } };
  await expectRefused(gate.editor.create(body), 'deletionPolicy');
});

test('an application that has Delete: its deletion is refused to an editor', async () => {
  const name = await given({ deletionPolicy: 'Delete' });
  await expectRefused(gate.editor.delete(at(name)), 'deletionPolicy');
  await gate.revoker.delete(at(name));
});

test('an application that has Delete: deleted with the collection, refused to an editor', async () => {
  const name = await given({ deletionPolicy: 'Delete' });
  for (const cascade of ['background', 'orphan']) {
    const { code, stderr } = await gate.controlPlane.kubectl(
      ['delete', 'oidcapp', '--all', `--namespace=${gate.namespace}`, `--cascade=${cascade}`],
      { kubeconfig: gate.kubeconfig('editor') },
    );
    expect(code).not.toBe(0);
    expect(stderr).toContain('an application whose deletionPolicy is Delete can be deleted only');
  }
  expect(await gate.admin.find(at(name))).toBeDefined();
});

test.for([
  ['apply', ['apply', '--server-side', '--force-conflicts']],
  ['replace', ['replace']],
  ['a JSON patch', undefined],
] as const)('by %s: refused to an editor as well', async ([, args]) => {
  const name = await given();
  const patch = '[{"op": "replace", "path": "/spec/revokePreviousSecret", "value": true}]';
  const patching = ['patch', 'oidcapp', name, '--type=json', `--patch=${patch}`];
  const { code, stderr } = await gate.controlPlane.kubectl(
    args === undefined ? [...patching, `--namespace=${gate.namespace}`] : [...args, '--filename=-'],
    {
      kubeconfig: gate.kubeconfig('editor'),
      input: JSON.stringify(manifest(name, { revokePreviousSecret: true })),
    },
  );
  expect(code).not.toBe(0);
  expect(stderr).toContain('revokePreviousSecret can be set to true only');
});

async function ownerOf(name: string) {
  const { namespace } = gate;
  const { metadata } = await core.createNamespacedConfigMap({
    namespace,
    body: { metadata: { name } },
  });
  return { apiVersion: 'v1', kind: 'ConfigMap', name, uid: metadata?.uid ?? '' };
}

test('an owner added to an application that has Delete: refused to an editor', async () => {
  const name = await given({ deletionPolicy: 'Delete' });
  const metadata = { ownerReferences: [await ownerOf(name)] };
  await expectRefused(gate.editor.mergePatch(at(name), { metadata }), 'deletionPolicy is Delete');
  await gate.revoker.mergePatch(at(name), { metadata });
  await gate.editor.mergePatch(at(name), { metadata: { labels: { team: 'shop' } } });
  await gate.editor.mergePatch(at(name), { metadata: { ownerReferences: null } });
});

// Garbage collection finds an owner by its name, and takes it for gone where that has another UID or kind.
test('owners of an application that has Delete: an editor can only take all away', async () => {
  const name = `web-${randomBytes(4).toString('hex')}`;
  const [first, second] = [await ownerOf(name), await ownerOf(`${name}-second`)];
  const { metadata, ...rest } = manifest(name, { deletionPolicy: 'Delete' });
  const ownerReferences = [first, second];
  await gate.admin.create({ ...rest, metadata: { ...metadata, ownerReferences } });
  const own = (...owners: readonly object[]) =>
    gate.editor.mergePatch(at(name), { metadata: { ownerReferences: owners } });
  for (const change of [{ name: 'none' }, { kind: 'Secret' }, { apiVersion: 'example.com/v1' }]) {
    await expectRefused(own({ ...first, ...change }, second), 'deletionPolicy is Delete');
  }
  await expectRefused(own(second), 'deletionPolicy is Delete');
  await expectRefused(own(second, second), 'deletionPolicy is Delete');
  await own(second, first);
  await own();
});

test('an owner that is gone is taken away by Kubernetes from an application that has another', async () => {
  const name = `web-${randomBytes(4).toString('hex')}`;
  const [first, second] = [await ownerOf(name), await ownerOf(`${name}-second`)];
  const { metadata, ...rest } = manifest(name, { deletionPolicy: 'Delete' });
  const ownerReferences = [first, second];
  await gate.admin.create({ ...rest, metadata: { ...metadata, ownerReferences } });
  await core.deleteNamespacedConfigMap({ namespace: gate.namespace, name });
  await eventually(
    async () => {
      const { metadata } = await gate.admin.get(at(name));
      expect(metadata.ownerReferences?.map(({ uid }) => uid)).toEqual([second.uid]);
    },
    { timeoutMs: COLLECTED_WITHIN_MS },
  );
}, 120_000);

test('an application whose owner is gone is collected, whatever its deletionPolicy', async () => {
  const owner = await ownerOf('owner');
  await gate.admin.create(manifest('owned', { deletionPolicy: 'Delete' }, owner));
  await core.deleteNamespacedConfigMap({ namespace: gate.namespace, name: 'owner' });
  const isGone = async () => expect(await gate.admin.find(at('owned'))).toBeUndefined();
  await eventually(isGone, { timeoutMs: COLLECTED_WITHIN_MS });
}, 120_000);

test('a namespace with an application that has Delete goes', async () => {
  await core.createNamespace({ body: { metadata: { name: 'closing' } } });
  const { metadata, ...rest } = manifest('web', { deletionPolicy: 'Delete' });
  await gate.admin.create({ ...rest, metadata: { ...metadata, namespace: 'closing' } });
  await core.deleteNamespace({ name: 'closing' });
  await eventually(async () => {
    const { items } = await core.listNamespace();
    expect(items.map((each) => each.metadata?.name)).not.toContain('closing');
  });
});

test('the verb can be granted for one application alone', async () => {
  const [mine, other] = [await given(), await given()];
  const { controlPlane, namespace } = gate;
  await controlPlane.apply(`
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: revoke-mine, namespace: ${namespace}}
rules:
  - {apiGroups: [keyturn.dev], resources: [oidcapplications], resourceNames: [${mine}], verbs: [revoke]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: revoke-mine, namespace: ${namespace}}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: revoke-mine}
subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: editor}]
`);
  await eventually(async () => {
    await edit(gate.editor, mine, { revokePreviousSecret: true });
  });
  const change = { revokePreviousSecret: true };
  await expectRefused(edit(gate.editor, other, change), 'revokePreviousSecret');
});

test('a viewer reads, and writes nothing', async () => {
  const name = await given();
  expect((await gate.viewer.get(at(name))).metadata.name).toBe(name);
  for (const attempt of [
    () => create(gate.viewer, 'another'),
    () => edit(gate.viewer, name, { suspend: true }),
    () => gate.viewer.delete(at(name)),
  ]) {
    await expect(attempt()).rejects.toThrow('User "viewer" cannot');
  }
});

test.for([
  ['viewer', ['get', 'list', 'watch']],
  ['editor', ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete', 'deletecollection']],
  ['revoker', ['get', 'update', 'delete', 'revoke']],
] as const)('the built-in role of a %s has %j, by aggregation', async ([user, granted]) => {
  const verbs = ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete', 'deletecollection'];
  const { kubeConfig } = gate.controlPlane.adminKubeConfig;
  const authorization = kubeConfig.makeApiClient(AuthorizationV1Api);
  const may = async (verb: string) => {
    const { namespace } = gate;
    const what = { group: 'keyturn.dev', resource: 'oidcapplications', namespace, verb };
    const review = await authorization.createSubjectAccessReview({
      body: { spec: { user, resourceAttributes: what } },
    });
    return review.status?.allowed;
  };
  for (const verb of granted) expect([verb, await may(verb)]).toEqual([verb, true]);
  if (user === 'revoker') return;
  const others = [...verbs, 'revoke'].filter((verb) => !granted.some((each) => each === verb));
  for (const verb of others) expect([verb, await may(verb)]).toEqual([verb, false]);
});
