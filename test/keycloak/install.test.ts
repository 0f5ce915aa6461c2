import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ensureKeycloak } from './install.ts';

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'keyturn-keycloak-'));
  vi.stubEnv('XDG_CACHE_HOME', join(directory, 'cache'));
  vi.stubEnv('JAVA_HOME', undefined);
});

afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(directory, { recursive: true });
});

function pathWith(commands: readonly string[]): void {
  const folder = join(directory, 'path');
  mkdirSync(folder);
  for (const name of commands) writeFileSync(join(folder, name), '#!/bin/sh\n', { mode: 0o755 });
  vi.stubEnv('PATH', folder);
}

test('without Maven, the error says what to install', async () => {
  pathWith([]);
  await expect(ensureKeycloak()).rejects.toThrow(/^mvn is not in PATH\. .*install Maven 3\.6/);
});

test('without Java, the error says what to install', async () => {
  pathWith(['mvn']);
  await expect(ensureKeycloak()).rejects.toThrow(/^java is not in PATH\. .*install Java 17/);
});
