import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type Execution, execute } from '../testbed/execute.ts';
import { withFileLock } from '../testbed/lock.ts';
import { elapsed, progressLine } from '../testbed/progress.ts';
import { cacheDirectory } from '../testbed/versions.ts';
import { java, javaArgs } from './java.ts';

const version = '26.7.3';
const artifact = `org.keycloak:keycloak-quarkus-dist:${version}:tar.gz`;
// Options of the build: with others, each start would take half a minute more.
const buildOptions = ['--db=dev-mem', '--features=client-secret-rotation', '--health-enabled=true'];

/**
 * Resolves to the folder of a Keycloak built for tests, which is shared by all checkouts of a user.
 * Where it is missing, it is downloaded by Maven (176 MB) and built. Logs to stderr.
 */
export async function ensureKeycloak(): Promise<string> {
  const cache = join(dirname(cacheDirectory()), `keycloak-${version}`);
  const folder = join(cache, 'server');
  if (!existsSync(folder)) {
    await mkdir(cache, { recursive: true });
    const waiting = () => log('another process is installing Keycloak; waiting for it');
    await withFileLock(join(cache, 'install.lock'), waiting, async () => {
      if (!existsSync(folder)) await install(cache, folder);
    });
  }
  return folder;
}

/** Builds in a temporary folder and renames it, so that `folder` exists only when complete. */
async function install(cache: string, folder: string): Promise<void> {
  await requireCommand('mvn', '-v', 'Maven 3.6 or later');
  await requireCommand(java(), '-version', 'Java 17, 21 or 25');
  for (const name of await readdir(cache)) {
    if (name.startsWith('installing-')) await rm(join(cache, name), { recursive: true });
  }
  const temporary = await mkdtemp(join(cache, 'installing-'));
  const server = join(temporary, 'server');
  await mkdir(server);
  const to = `-DoutputDirectory=${temporary}`;
  const copy = ['-B', '-ntp', 'dependency:copy', `-Dartifact=${artifact}`, to];
  await step(`downloading Keycloak ${version}`, 'mvn', copy);
  const archive = join(temporary, `keycloak-quarkus-dist-${version}.tar.gz`);
  const unpack = ['-xzf', archive, '-C', server, '--strip-components=1'];
  await step('unpacking Keycloak', 'tar', unpack);
  const build = javaArgs(server, ['build', ...buildOptions]);
  await step('building Keycloak', java(), build);
  await rename(server, folder);
  await rm(temporary, { recursive: true });
}

async function step(label: string, command: string, args: readonly string[]): Promise<void> {
  const started = Date.now();
  const progress = progressLine(() => `${label}: ${elapsed(started)}`);
  let execution: Execution;
  try {
    execution = await execute(command, args);
  } finally {
    progress.end();
  }
  if (execution.code === 0) return;
  const output = `${execution.stdout}${execution.stderr}`.trimEnd().split('\n').slice(-15);
  throw new Error(`${label} failed:\n${output.join('\n')}`);
}

async function requireCommand(command: string, versionFlag: string, what: string): Promise<void> {
  const remedy = `Keycloak is needed by the tests of identity providers: install ${what}.`;
  const execution = await execute(command, [versionFlag]).catch((error: unknown) => {
    throw new Error(`${command} is not in PATH. ${remedy}`, { cause: error });
  });
  if (execution.code !== 0) throw new Error(`${command} does not run. ${remedy}`);
}

function log(message: string): void {
  process.stderr.write(`keycloak: ${message}\n`);
}

if (import.meta.main) process.stdout.write(`${await ensureKeycloak()}\n`);
