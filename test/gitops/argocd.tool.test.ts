import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { cluster, testNamespace } from '../setup/cluster.ts';
import { ARGOCD_CM, customizations } from './health.ts';
import { ask } from './tools/tools.ts';

test('argocd-cm.yaml adds to the ConfigMap that is there, and takes nothing away', async () => {
  const namespace = await testNamespace('argocd');
  const metadata = `{name: argocd-cm, namespace: ${namespace}}`;
  await cluster.apply(
    `{apiVersion: v1, kind: ConfigMap, metadata: ${metadata}, data: {url: ours}}`,
  );
  const inNamespace = ['--namespace', namespace];
  const patch = ['patch', 'configmap', 'argocd-cm', '--type=merge', '--patch-file', ARGOCD_CM];
  const patched = await cluster.kubectl([...patch, ...inNamespace]);
  expect(patched).toMatchObject({ code: 0, stdout: 'configmap/argocd-cm patched\n' });
  const read = await cluster.kubectl(['get', 'configmap', 'argocd-cm', '-o=yaml', ...inNamespace]);
  expect(parse(read.stdout).data).toEqual({ url: 'ours', ...customizations });
});

test('a script that fails is told, not taken for healthy', async () => {
  const check = { script: 'return string.upper("x")', object: {} };
  await expect(ask('argocd-health', [check])).rejects.toThrow('attempt to index');
});
