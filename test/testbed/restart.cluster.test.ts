import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CoreV1Api } from '@kubernetes/client-node';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ControlPlane, startControlPlane } from './control-plane.ts';

let controlPlane: ControlPlane;
const logDirectory = mkdtempSync(join(tmpdir(), 'keyturn-audit-'));
const logPath = join(logDirectory, 'audit.log');

beforeAll(async () => {
  controlPlane = await startControlPlane({ audit: { logPath } });
});

afterAll(async () => {
  await controlPlane?.stop();
  rmSync(logDirectory, { recursive: true });
});

test.for(['SIGTERM', 'SIGKILL'] as const)('data and address outlive %s', async (signal) => {
  const core = controlPlane.adminKubeConfig.kubeConfig.makeApiClient(CoreV1Api);
  const name = signal.toLowerCase();
  const created = await core.createNamespacedConfigMap({
    namespace: 'default',
    body: { metadata: { name } },
  });
  await controlPlane.stopApiServer(signal);
  await expect(core.readNamespacedConfigMap({ namespace: 'default', name })).rejects.toThrow();
  await controlPlane.startApiServer();
  const read = await core.readNamespacedConfigMap({ namespace: 'default', name });
  expect(read.metadata?.uid).toBe(created.metadata?.uid);
});

test('the audit log names who did what', async () => {
  const { path } = controlPlane.kubeConfigFor({ user: 'anna' });
  const denied = await controlPlane.kubectl(['get', 'secrets'], { kubeconfig: path });
  expect(denied.code).toBe(1);
  const entries = readFileSync(logPath, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(entries).toContainEqual(
    expect.objectContaining({
      verb: 'list',
      user: expect.objectContaining({ username: 'anna' }),
      responseStatus: expect.objectContaining({ code: 403 }),
    }),
  );
});

test('a start that fails says why', async () => {
  const start = startControlPlane({ apiServerArgs: ['--no-such-flag'] });
  await expect(start).rejects.toThrow(/kube-apiserver ended .*unknown flag: --no-such-flag/s);
});
