import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ensureBinaries } from './build.ts';

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'keyturn-build-'));
  vi.stubEnv('XDG_CACHE_HOME', join(directory, 'cache'));
  vi.stubEnv('KUBEBUILDER_ASSETS', undefined);
});

afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(directory, { recursive: true });
});

function folderWith(name: string, files: readonly string[]): string {
  const folder = join(directory, name);
  mkdirSync(folder);
  for (const file of files) writeFileSync(join(folder, file), '', { mode: 0o755 });
  return folder;
}

test('KUBEBUILDER_ASSETS is used, with PATH for what it need not have', async () => {
  const assets = folderWith('assets', ['kube-apiserver', 'etcd', 'kubectl']);
  const path = folderWith('path', ['kube-controller-manager', 'kubectl']);
  vi.stubEnv('KUBEBUILDER_ASSETS', assets);
  vi.stubEnv('PATH', path);
  expect(await ensureBinaries()).toEqual({
    etcd: join(assets, 'etcd'),
    kubeApiServer: join(assets, 'kube-apiserver'),
    kubeControllerManager: join(path, 'kube-controller-manager'),
    kubectl: join(assets, 'kubectl'),
  });
});

test('KUBEBUILDER_ASSETS without an API server is an error', async () => {
  const assets = folderWith('assets', ['etcd']);
  vi.stubEnv('KUBEBUILDER_ASSETS', assets);
  await expect(ensureBinaries()).rejects.toThrow(`${assets}, which lacks kube-apiserver`);
});

test('without Go, the error says what to install', async () => {
  vi.stubEnv('PATH', folderWith('empty', []));
  await expect(ensureBinaries()).rejects.toThrow(/not in PATH. Install Go 1\.\d+\.\d+ or later/);
});

test('with an old Go, the error names both versions', async () => {
  const path = folderWith('path', []);
  writeFileSync(join(path, 'go'), '#!/bin/sh\necho go1.9.7\n', { mode: 0o755 });
  vi.stubEnv('PATH', path);
  await expect(ensureBinaries()).rejects.toThrow(/too old: found Go 1.9.7. Install Go 1\.2\d/);
});
