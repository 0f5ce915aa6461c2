import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { execute } from './execute.ts';
import { elapsed, progressLine } from './progress.ts';
import type { ComponentModule } from './versions.ts';

const errorLines = 20;

/** Throws, saying what to install, unless a Go that can build the module is in PATH. */
export async function requireGo(module: ComponentModule): Promise<void> {
  const remedy = `Install Go ${module.goVersion} or later (https://go.dev/dl), or set KUBEBUILDER_ASSETS to a folder with kube-apiserver and etcd.`;
  const environment = await execute('go', ['env', 'GOVERSION'], { cwd: module.directory }).catch(
    (error: unknown) => {
      throw new Error(
        `The testbed's control plane is built with Go, which is not in PATH. ${remedy}`,
        {
          cause: error,
        },
      );
    },
  );
  const version = environment.stdout.trim().replace(/^go/, '');
  if (environment.code !== 0 || isOlder(version, module.goVersion)) {
    const found = environment.stderr.trim() || `found Go ${version}`;
    throw new Error(`The Go in PATH is too old: ${found}. ${remedy}`);
  }
}

export interface GoBuild {
  /** What the progress line calls it. */
  readonly label: string;
  readonly module: ComponentModule;
  readonly packages: readonly string[];
  /** The file to write, or the folder, with a slash at its end. */
  readonly output: string;
  readonly tags?: readonly string[];
  /** For the linker's -X flag. */
  readonly variables?: Readonly<Record<string, string>>;
}

/** Builds packages of a module without C, with a progress line on stderr. */
export async function goBuild(options: GoBuild): Promise<void> {
  const { label, module, packages, output, tags = [], variables = {} } = options;
  const assignments = Object.entries(variables).map(([name, value]) => `-X ${name}=${value}`);
  const linking = ['-s', '-w', ...assignments].join(' ');
  const flags = ['-trimpath', '-v', `-tags=${tags.join(',')}`, '-ldflags', linking];
  const child = spawn('go', ['build', ...flags, '-o', output, ...packages], {
    cwd: module.directory,
    env: { ...process.env, CGO_ENABLED: '0' },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const started = Date.now();
  const messages: string[] = [];
  let compiled = 0;
  const progress = progressLine(
    () => `building ${label}: ${elapsed(started)}, ${compiled} packages compiled`,
  );
  try {
    createInterface(child.stderr).on('line', (line) => {
      messages.push(line);
      if (messages.length > errorLines) messages.shift();
      if (/^[\w./-]+$/.test(line)) compiled++;
    });
    const [code] = await once(child, 'close');
    if (code !== 0) throw new Error(`go build failed:\n${messages.join('\n')}`);
  } finally {
    progress.end();
  }
}

function isOlder(version: string, minimum: string): boolean {
  const numbers = (text: string) => text.split('.').map((part) => Number.parseInt(part, 10) || 0);
  const [major = 0, minor = 0, patch = 0] = numbers(version);
  const [minimumMajor = 0, minimumMinor = 0, minimumPatch = 0] = numbers(minimum);
  if (major !== minimumMajor) return major < minimumMajor;
  if (minor !== minimumMinor) return minor < minimumMinor;
  return patch < minimumPatch;
}
