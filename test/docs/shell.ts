import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import { commandOnTerminal } from '../cli/on-terminal.ts';
import { builtPrograms } from '../process/bundle.ts';
import type { ControlPlaneAccess } from '../testbed/access.ts';
import { execute } from '../testbed/execute.ts';

const root = join(import.meta.dirname, '../..');

/** The administrator's shell: at the root of a clone, with kubectl and a kubeconfig. */
export interface Shell {
  /** Where the clone is; what commands write there does not reach the repository. */
  readonly clone: string;
  /** Runs a command; resolves to its exit code and all that it printed. */
  run(command: string): Promise<Printed>;
  /** Runs it on a terminal, and types `answer` where it asks for consent. */
  runOnTerminal(command: string, answer: string): Promise<Printed>;
}

export interface Printed {
  readonly code: number | null;
  readonly printed: string;
}

interface Machine {
  /** Whether the kubectl plugin is installed. */
  readonly withPlugin?: boolean;
  /** The paths of further programs, by name. */
  readonly programs?: Readonly<Record<string, string>>;
}

/** A shell that lasts for the test. */
export async function openShell(
  access: ControlPlaneAccess,
  { withPlugin = false, programs = {} }: Machine = {},
): Promise<Shell> {
  const home = mkdtempSync(join(tmpdir(), 'keyturn-docs-'));
  onTestFinished(() => rm(home, { recursive: true }));
  const bin = join(home, '.local/bin');
  const clone = join(home, 'keyturn');
  mkdirSync(bin, { recursive: true });
  mkdirSync(clone);
  for (const name of ['crds', 'deploy']) symlinkSync(join(root, name), join(clone, name));
  const dist = await builtPrograms();
  symlinkSync(dist, join(clone, 'dist'));
  const installed = {
    kubectl: access.address.kubectl,
    ...(withPlugin && { 'kubectl-keyturn': join(dist, 'kubectl-keyturn.mjs') }),
    ...programs,
  };
  for (const [name, path] of Object.entries(installed)) symlinkSync(path, join(bin, name));
  const { kubeConfig } = access.kubeConfigFor({ user: 'admin', groups: ['system:masters'] });
  const path = join(home, 'kubeconfig');
  writeFileSync(path, kubeConfig.exportConfig(), { mode: 0o600 });
  const env = {
    HOME: home,
    KUBECONFIG: path,
    PATH: [bin, dirname(process.execPath), process.env['PATH'] ?? ''].join(delimiter),
    NO_COLOR: '',
  };
  return {
    clone,
    async run(command) {
      const script = `exec 2>&1\n${command}\n`;
      const { code, stdout } = await execute('bash', ['-euo', 'pipefail', '-c', script], {
        cwd: clone,
        env,
      });
      return { code, printed: stdout };
    },
    async runOnTerminal(command, answer) {
      const { code, shown } = await commandOnTerminal(command, { cwd: clone, env, answer });
      return { code, printed: shown };
    },
  };
}
