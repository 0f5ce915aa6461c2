import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execute } from '../testbed/execute.ts';

const root = join(import.meta.dirname, '../..');

/**
 * Bundles the operator and resolves to a copy of it in `directory`, so that what is measured stays
 * the same when it is built anew meanwhile.
 */
export async function bundleOperator(directory: string): Promise<string> {
  const { code, stderr } = await execute(process.execPath, ['build.ts'], { cwd: root });
  if (code !== 0) throw new Error(`the operator was not built: ${stderr}`);
  const program = join(directory, 'keyturn.mjs');
  await copyFile(join(root, 'dist/keyturn.mjs'), program);
  return program;
}
