import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { numberAt } from '../checker/json.ts';

export interface ReplicaOptions {
  /** The bundled operator. */
  readonly program: string;
  readonly args: readonly string[];
  /** The file that its clock is read from. */
  readonly clock: string;
  readonly home: string;
  /** Told of each line of its log. */
  readonly onLine: (line: string) => void;
}

const PRELOAD = join(import.meta.dirname, 'clock-preload.ts');

/** One process of the operator. It ends with this process at the latest. */
export class Replica {
  readonly exited: Promise<string>;
  readonly #child: ChildProcess;
  #port: number | undefined;
  #rest = '';

  constructor({ program, args, clock, home, onLine }: ReplicaOptions) {
    const defaults = ['--listen=127.0.0.1:0', '--log-format=json'];
    const child = spawn(process.execPath, ['--import', PRELOAD, program, ...defaults, ...args], {
      env: { PATH: process.env['PATH'] ?? '', HOME: home, CHAOS_CLOCK: clock },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    this.exited = new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code, signal) => resolve(signal ?? `exit code ${code}`));
    });
    endWithParent(child);
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        const lines = `${this.#rest}${text}`.split('\n');
        this.#rest = lines.pop() ?? '';
        for (const line of lines) {
          this.#port ??= portIn(line);
          onLine(line);
        }
      });
    }
  }

  signal(signal: NodeJS.Signals): void {
    if (!this.isOver) this.#child.kill(signal);
  }

  get isOver(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  /** Asks its own HTTP server; undefined where it does not answer with 200. */
  async ask(path: string): Promise<string | undefined> {
    if (this.#port === undefined || this.isOver) return undefined;
    try {
      const signal = AbortSignal.timeout(2_000);
      const answer = await fetch(`http://127.0.0.1:${this.#port}${path}`, { signal });
      const text = await answer.text();
      return answer.ok ? text : undefined;
    } catch {
      return undefined;
    }
  }
}

function portIn(line: string): number | undefined {
  return line.includes('"listen"') ? numberAt(JSON.parse(line), 'listen') : undefined;
}

/** A shell that waits for the end of its input, which comes however this process ends. */
function endWithParent(child: ChildProcess): void {
  const guard = spawn('/bin/sh', ['-c', 'read _; kill -KILL "$0"', String(child.pid)], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  guard.unref();
  child.once('exit', () => guard.kill('SIGKILL'));
}
