import { expect, test } from 'vitest';
import { Scene } from '../controller/harness.ts';
import { issueAndRotate, whenEnded } from '../controller/steps.ts';
import { adminClient, cluster } from '../setup/cluster.ts';
import { pluginIn, stdoutOf } from './plugin.ts';

type Rules = readonly { readonly resource: string; readonly verbs: readonly string[] }[];

const APPLICATIONS = { resource: 'keyturn.dev/oidcapplications' };
const EVENTS = { resource: 'events.k8s.io/events', verbs: ['list'] };

/** A kubeconfig of a ServiceAccount with these rights in the namespace, and no other. */
async function withRights(namespace: string, rules: Rules): Promise<string> {
  const name = 'operations';
  const rbac = adminClient.objects;
  const apiVersion = 'rbac.authorization.k8s.io/v1';
  await adminClient.core.createNamespacedServiceAccount({
    namespace,
    body: { metadata: { name } },
  });
  const role = {
    apiVersion,
    kind: 'Role',
    metadata: { namespace, name },
    rules: rules.map(({ resource, verbs }) => {
      const [group, plural] = resource.split('/');
      return { apiGroups: [group], resources: [plural], verbs };
    }),
  };
  const binding = {
    apiVersion,
    kind: 'RoleBinding',
    metadata: { namespace, name },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name },
    subjects: [{ kind: 'ServiceAccount', namespace, name }],
  };
  await rbac.create(role);
  await rbac.create(binding);
  return (await cluster.kubeConfigForServiceAccount(namespace, name)).path;
}

test('every command works without any right on Secrets', async () => {
  const scene = await Scene.start();
  await issueAndRotate(scene, 'web');
  const kubeconfig = await withRights(scene.namespace, [
    { ...APPLICATIONS, verbs: ['get', 'list', 'watch', 'patch'] },
    EVENTS,
  ]);
  const { stdout } = await cluster.kubectl(
    ['auth', 'can-i', 'get', 'secrets', '--namespace', scene.namespace],
    { kubeconfig },
  );
  expect(stdout).toBe('no\n');

  const run = pluginIn(scene);
  const as = { kubeconfig };
  expect(stdoutOf(await run('list --retained', as))).toContain('web');
  expect(stdoutOf(await run('status web', as))).toContain('SecretRotated');
  stdoutOf(await run('revoke web --yes --wait', as));
  stdoutOf(await run('rotate web --wait', as));
  stdoutOf(await run('incident web --yes --wait', as));
  stdoutOf(await run('wait web', as));
  await scene.published('web', 4);
});

test('without the right to see events, status shows the rest', async () => {
  const scene = await Scene.start();
  await issueAndRotate(scene, 'web');
  const kubeconfig = await withRights(scene.namespace, [{ ...APPLICATIONS, verbs: ['get'] }]);
  const text = stdoutOf(await pluginIn(scene)('status web', { kubeconfig }));
  expect(text).toContain('Previous Client Secret');
  expect(text).toMatch(
    /Events\n {2}The API server does not allow it: events.events.k8s.io is forbidden/,
  );
});

test('without the right to change or to watch, the error says so at once', async () => {
  const scene = await Scene.start();
  const { first } = await issueAndRotate(scene, 'web');
  const kubeconfig = await withRights(scene.namespace, [{ ...APPLICATIONS, verbs: ['get'] }]);
  const run = pluginIn(scene);
  const refused = await run('revoke web --yes', { kubeconfig });
  expect(refused.code).toBe(1);
  expect(refused.stderr).toContain('error: web: The API server does not allow it:');
  expect(refused.stderr).toContain('cannot patch resource "oidcapplications"');
  const blind = await run('wait web', { kubeconfig });
  expect(blind.code).toBe(1);
  expect(blind.stderr).toMatch(/^error: The API server does not allow it: .* cannot list/);
  expect((await scene.secret('web')).data?.['previous-client-secret']).toBe(
    Buffer.from(first).toString('base64'),
  );
});

test('what was set but cannot be waited for is told', async () => {
  const scene = await Scene.start();
  await issueAndRotate(scene, 'web');
  const verbs = ['get', 'patch'];
  const kubeconfig = await withRights(scene.namespace, [{ ...APPLICATIONS, verbs }]);
  const run = await pluginIn(scene)('revoke web --yes --wait', { kubeconfig });
  expect({ code: run.code, stdout: run.stdout }).toEqual({ code: 1, stdout: '' });
  expect(run.stderr).toMatch(
    /error: web: spec.revokeRetiredBefore set to .*Z, but it cannot be waited for: .*cannot list/,
  );
  await whenEnded(scene, 'web', 'RetiredBefore');
});

test('--as impersonates', async () => {
  const scene = await Scene.start();
  await issueAndRotate(scene, 'web');
  const { code, stderr } = await pluginIn(scene)('list --as nobody');
  expect(code).toBe(1);
  expect(stderr).toContain('User "nobody" cannot list resource "oidcapplications"');
});
