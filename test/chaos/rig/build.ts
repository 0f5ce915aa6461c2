import { join } from 'node:path';
import { execute } from '../../testbed/execute.ts';

const root = join(import.meta.dirname, '../../..');

/** Bundles the operator into `directory` and resolves to the path of the bundle. */
export async function buildOperator(directory: string): Promise<string> {
  const { code, stderr } = await execute(process.execPath, ['build.ts', directory], { cwd: root });
  if (code !== 0) throw new Error(`the operator could not be built: ${stderr}`);
  return join(directory, 'keyturn.mjs');
}
