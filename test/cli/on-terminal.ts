import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { builtPrograms } from '../process/bundle.ts';
import { cluster } from '../setup/cluster.ts';

/** What the plugin asks before it does what cannot be undone. */
export const PROMPT = 'I understand and would like to continue';

interface TerminalOptions {
  readonly answer?: string;
  readonly env?: Readonly<Record<string, string>>;
}

interface Shown {
  readonly code: number | null;
  readonly shown: string;
}

/** Runs the plugin on a terminal of its own. */
export async function onTerminal(
  args: readonly string[],
  { answer = '', env = {} }: TerminalOptions = {},
): Promise<Shown> {
  const directory = await builtPrograms();
  const program = [process.execPath, join(directory, 'kubectl-keyturn.mjs'), ...args];
  const command = program.map((word) => `'${word}'`).join(' ');
  const home = { HOME: join(directory, 'home'), KUBECONFIG: cluster.adminKubeConfig.path };
  return await commandOnTerminal(command, { answer, env: { ...home, ...env } });
}

/**
 * Runs a shell command on a terminal of its own, made by `script` of util-linux, types `answer` when it
 * is asked, and resolves to its exit code and all that the terminal showed.
 */
export async function commandOnTerminal(
  command: string,
  { answer = '', env = {}, cwd }: TerminalOptions & { readonly cwd?: string } = {},
): Promise<Shown> {
  const child = spawn('script', ['--quiet', '--return', '--command', command, '/dev/null'], {
    env: { PATH: process.env['PATH'] ?? '', TERM: 'xterm', ...env },
    stdio: ['pipe', 'pipe', 'inherit'],
    cwd,
  });
  let shown = '';
  let answered = false;
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    shown += text;
    if (answered || !shown.includes(PROMPT)) return;
    answered = true;
    child.stdin.write(answer);
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject).once('close', resolve);
  });
  return { code, shown };
}
