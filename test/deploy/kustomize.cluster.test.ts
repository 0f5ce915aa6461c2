import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { cluster } from '../setup/cluster.ts';
import { INSTALL, identityOf, kustomize, manifestsIn } from './manifests.ts';

const EVERYTHING = 'test/deploy/overlay';
const ELSEWHERE = 'test/deploy/overlay-elsewhere';

test('install.yaml holds what kustomize makes of the base', async () => {
  const built = manifestsIn(await kustomize(cluster, 'deploy/base'));
  expect(manifestsIn(readFileSync(INSTALL, 'utf8'))).toEqual(built);
});

test.for(['deploy/base', 'deploy/overlays/revoke-gate', 'deploy/overlays/namespaced'])(
  '%s: the API server takes every object as it is',
  async (folder) => {
    const namespaces = ['shop', 'billing'].map(
      (name) => `{apiVersion: v1, kind: Namespace, metadata: {name: ${name}}}`,
    );
    await cluster.apply(namespaces.join('\n---\n'));
    const args = ['apply', '--server-side', '--force-conflicts', '--dry-run=server'];
    const applied = await cluster.kubectl([...args, '--validate=strict', '--filename=-'], {
      input: await kustomize(cluster, folder),
    });
    expect(applied).toMatchObject({ code: 0, stderr: '' });
  },
);

test('overlays and components can be combined, and the image replaced', async () => {
  const yaml = await kustomize(cluster, EVERYTHING);
  const kinds = manifestsIn(yaml).map(({ kind }) => kind);
  expect(kinds).toEqual(
    expect.arrayContaining([
      ...['RoleBinding', 'ValidatingAdmissionPolicyBinding', 'ConfigMap'],
      ...['ServiceMonitor', 'PrometheusRule'],
    ]),
  );
  expect(kinds).not.toContain('ClusterRoleBinding');
  expect(yaml).toMatch(/image: registry\.example\.com\/keyturn:\d/);
});

test('in another namespace, and under other names, all that refers to each other still does', async () => {
  await cluster.apply('{apiVersion: v1, kind: Namespace, metadata: {name: identity}}');
  const input = await kustomize(cluster, ELSEWHERE);
  const args = ['apply', '--server-side', '--dry-run=server', '--validate=strict', '--filename=-'];
  expect(await cluster.kubectl(args, { input })).toMatchObject({ code: 0, stderr: '' });

  expect(input).not.toContain('keyturn-system');
  const named = (pattern: RegExp) => [...input.matchAll(pattern)].map(([, name]) => name).sort();
  expect(named(/^ +policyName: (.*)$/gm)).toEqual(['company-keyturn-revoke-gate']);
  expect(named(/^ +serviceAccountName: (.*)$/gm)).toEqual(['company-keyturn']);
  const roles = ['company-keyturn', 'company-keyturn-leader-election'];
  expect(named(/^roleRef:\n(?: .*\n)*? {2}name: (.*)$/gm)).toEqual(roles);
  expect(named(/^subjects:\n(?:[- ].*\n)*? {2}name: (.*)$/gm)).toEqual(
    Array(2).fill('company-keyturn'),
  );
});

test('the overlay namespaced takes the rights on all namespaces away, and changes nothing else', async () => {
  const base = manifestsIn(await kustomize(cluster, 'deploy/base')).map(identityOf);
  const overlay = manifestsIn(await kustomize(cluster, 'deploy/overlays/namespaced'));
  const all = overlay.map(identityOf);
  expect(base.filter((identity) => !all.includes(identity))).toEqual([
    'rbac.authorization.k8s.io/v1 ClusterRoleBinding keyturn',
  ]);
  expect(all.filter((identity) => !base.includes(identity))).toEqual([
    'rbac.authorization.k8s.io/v1 RoleBinding billing keyturn',
    'rbac.authorization.k8s.io/v1 RoleBinding shop keyturn',
  ]);
});

test('the ServiceMonitor finds the Service, and the Service the Pods', async () => {
  const manifests = manifestsIn(await kustomize(cluster, EVERYTHING));
  const find = (wanted: string) => manifests.find(({ kind }) => kind === wanted);
  const service = find('Service');
  expect(find('ServiceMonitor')).toMatchObject({
    metadata: { namespace: service?.metadata.namespace },
    spec: {
      selector: { matchLabels: { 'app.kubernetes.io/name': 'keyturn' } },
      endpoints: [{ port: 'metrics', path: '/metrics' }],
    },
  });
  expect(service).toMatchObject({
    metadata: { labels: { 'app.kubernetes.io/name': 'keyturn' } },
    spec: { ports: [{ name: 'metrics', targetPort: 'http' }] },
  });
  const selector = service !== undefined && 'spec' in service ? service.spec : undefined;
  expect(selector).toMatchObject({
    selector: {
      'app.kubernetes.io/name': 'keyturn',
      'app.kubernetes.io/component': 'operator',
    },
  });
  expect(find('Deployment')).toMatchObject({
    spec: {
      template: {
        metadata: {
          labels: {
            'app.kubernetes.io/name': 'keyturn',
            'app.kubernetes.io/component': 'operator',
          },
        },
        spec: { containers: [{ ports: [{ name: 'http' }] }] },
      },
    },
  });
});
