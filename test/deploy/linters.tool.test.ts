import { rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { cluster } from '../setup/cluster.ts';
import { kustomize } from './manifests.ts';
import { writeSchemas } from './schemas.ts';
import { runTool } from './tools/tools.ts';

const FOLDERS = ['deploy/base', 'deploy/overlays/revoke-gate', 'deploy/overlays/namespaced'];

/** What kube-score asks for and is not wanted. */
const IGNORED = [
  // A throttled leader misses expiries and its Lease.
  '--ignore-container-cpu-limit',
  // The image names its user, and OpenShift assigns one.
  '--ignore-test=container-security-context-user-group-id',
  // A tag is never given twice, and an image that was loaded into a node cannot be pulled.
  '--ignore-test=container-image-pull-policy',
];

let schemas: string;

beforeAll(async () => {
  schemas = await writeSchemas(cluster);
});

afterAll(() => rm(dirname(schemas), { recursive: true }));

function kubeconform(input: string) {
  const args = ['-strict', '-summary', '-output=json', `-schema-location=${schemas}`, '-'];
  return runTool('kubeconform', args, { input });
}

test.for(FOLDERS)('%s: kubeconform finds nothing', async (folder) => {
  const yaml = await kustomize(cluster, folder);
  const { stdout } = await kubeconform(yaml);
  const { resources, summary } = JSON.parse(stdout);
  expect(resources ?? []).toEqual([]);
  expect(summary).toEqual({
    valid: yaml.split(/^---$/m).length,
    invalid: 0,
    errors: 0,
    skipped: 0,
  });
});

test('kubeconform would find a field that does not exist', async () => {
  const yaml = await kustomize(cluster, 'deploy/base');
  const { stdout } = await kubeconform(yaml.replace('revisionHistoryLimit', 'revisionLimit'));
  expect(JSON.parse(stdout).summary).toMatchObject({ invalid: 1 });
});

test.for(FOLDERS)('%s: kube-score finds nothing', async (folder) => {
  const input = await kustomize(cluster, folder);
  const args = ['score', '--output-format=ci', ...IGNORED, '-'];
  const { code, stdout } = await runTool('kube-score', args, { input });
  const told = stdout.split('\n').filter((line) => /^\[(WARNING|CRITICAL)\]/.test(line));
  expect(told).toEqual([]);
  expect(stdout).toContain('[OK]');
  expect(code).toBe(0);
});
