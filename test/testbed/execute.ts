import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';

export interface ExecuteOptions {
  readonly input?: string;
  readonly cwd?: string;
  /** Added to the environment of this process. */
  readonly env?: Readonly<Record<string, string>>;
}

export interface Execution {
  readonly stdout: string;
  readonly stderr: string;
  /** The exit code; null where a signal ended the command. */
  readonly code: number | null;
}

/** Runs a command to its end. Any exit code resolves; a command that cannot be started rejects. */
export async function execute(
  command: string,
  args: readonly string[],
  options: ExecuteOptions = {},
): Promise<Execution> {
  const child = spawn(command, args, {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
  });
  const code = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject).once('close', resolve);
  });
  // A command that ends without reading its input breaks the pipe; its exit code tells enough.
  child.stdin.on('error', () => undefined).end(options.input ?? '');
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), code]);
  return { stdout, stderr, code: await code };
}
