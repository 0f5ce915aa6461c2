import { createHash } from 'node:crypto';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { mkdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { execute } from '../../testbed/execute.ts';
import { goBuild } from '../../testbed/go.ts';
import { withFileLock } from '../../testbed/lock.ts';
import { cacheFolder, readModule } from '../../testbed/versions.ts';

/** argocd-health runs health checks in Lua as Argo CD does, kstatus judges an object as Flux does. */
type Program = 'argocd-health' | 'kstatus';

/** The folder with the programs, which are built once for each state of their sources. */
async function ensurePrograms(): Promise<string> {
  const directory = import.meta.dirname;
  const folder = cacheFolder(`gitops-${digestOf(directory)}`);
  const programs = join(folder, 'bin');
  if (existsSync(programs)) return programs;
  await mkdir(folder, { recursive: true });
  const waiting = () => process.stderr.write('another process is building the GitOps tools\n');
  await withFileLock(join(folder, 'build.lock'), waiting, async () => {
    if (existsSync(programs)) return;
    const module = readModule(directory, 'github.com/fluxcd/cli-utils');
    const unfinished = `${join(folder, 'unfinished')}/`;
    await goBuild({ label: 'GitOps tools', module, packages: ['./...'], output: unfinished });
    await rename(unfinished, programs);
  });
  return programs;
}

function digestOf(directory: string): string {
  const hash = createHash('sha256');
  for (const file of globSync(['go.*', '*/main.go'], { cwd: directory }).sort()) {
    hash.update(file).update(readFileSync(join(directory, file)));
  }
  return hash.digest('hex').slice(0, 12);
}

/** Hands the program one line for each input, and resolves to what it answers to each. */
export async function ask<T>(program: Program, inputs: readonly object[]): Promise<T[]> {
  const input = inputs.map((each) => `${JSON.stringify(each)}\n`).join('');
  const { code, stdout, stderr } = await execute(join(await ensurePrograms(), program), [], {
    input,
  });
  if (code !== 0) throw new Error(`${program}: ${stderr.trim()}`);
  return stdout
    .trimEnd()
    .split('\n')
    .map((line): T => JSON.parse(line));
}

if (import.meta.main) process.stdout.write(`${await ensurePrograms()}\n`);
