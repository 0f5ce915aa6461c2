import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { builtPrograms } from '../process/bundle.ts';
import { cluster } from '../setup/cluster.ts';

const PROMPT = 'I understand and would like to continue';

/**
 * Runs the plugin on a terminal of its own, made by `script` of util-linux, types `answer` when it is
 * asked, and resolves to its exit code and all that the terminal showed.
 */
export async function onTerminal(
  args: readonly string[],
  { answer = '', env = {} }: { answer?: string; env?: Readonly<Record<string, string>> } = {},
): Promise<{ readonly code: number | null; readonly shown: string }> {
  const directory = await builtPrograms();
  const program = [process.execPath, join(directory, 'kubectl-keyturn.mjs'), ...args];
  const command = program.map((word) => `'${word}'`).join(' ');
  const child = spawn('script', ['--quiet', '--return', '--command', command, '/dev/null'], {
    env: {
      PATH: process.env['PATH'] ?? '',
      HOME: join(directory, 'home'),
      TERM: 'xterm',
      KUBECONFIG: cluster.adminKubeConfig.path,
      ...env,
    },
    stdio: ['pipe', 'pipe', 'inherit'],
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
