import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { execute } from '../testbed/execute.ts';

const root = join(import.meta.dirname, '../..');

let built: Promise<string> | undefined;

afterAll(async () => {
  if (built !== undefined) await rm(await built, { recursive: true });
});

/** Builds all programs, once in a test file, and resolves to the folder that they are in. */
export function builtPrograms(): Promise<string> {
  built ??= build();
  return built;
}

async function build(): Promise<string> {
  const directory = mkdtempSync(join(tmpdir(), 'keyturn-build-'));
  const { code, stderr } = await execute(process.execPath, ['build.ts', directory], { cwd: root });
  if (code !== 0) throw new Error(`the programs could not be built: ${stderr}`);
  return directory;
}
