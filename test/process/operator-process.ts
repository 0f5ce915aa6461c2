import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { eventually } from '../setup/cluster.ts';
import { builtPrograms } from './bundle.ts';

/** How a process ended: its exit code, or the signal that ended it. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface LogEntry {
  readonly level: string;
  readonly time: string;
  readonly msg: string;
  readonly [field: string]: unknown;
}

/** The operator as a process of its own, as `make build` makes it. */
export interface OperatorProcess {
  readonly pid: number;
  readonly exited: Promise<Exit>;
  /** All that it has printed. */
  output(): string;
  /** Its log; throws where a line is not a JSON entry. */
  entries(): LogEntry[];
  /** Asks its own HTTP server, once that listens. */
  ask(path: string): Promise<{ status: number; body: string }>;
  /** Resolves once its caches are filled; rejects if it ends before. */
  untilReady(): Promise<void>;
  end(signal?: 'SIGTERM' | 'SIGINT' | 'SIGKILL'): Promise<Exit>;
}

export interface OperatorProcessOptions {
  /** Flags; `--listen 127.0.0.1:0` and `--log-format json` come before them. */
  readonly args?: readonly string[];
  /** The whole environment but for PATH, and for HOME, which is an empty folder. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Starts the operator; it ends with the test at the latest. */
export async function startOperatorProcess(
  options: OperatorProcessOptions = {},
): Promise<OperatorProcess> {
  const directory = await builtPrograms();
  const defaults = ['--listen=127.0.0.1:0', '--log-format=json'];
  const child = spawn(
    process.execPath,
    [join(directory, 'keyturn.mjs'), ...defaults, ...(options.args ?? [])],
    {
      env: { PATH: process.env['PATH'] ?? '', HOME: join(directory, 'home'), ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  const exited = new Promise<Exit>((resolve, reject) => {
    child.once('error', reject);
    // After the end of its output, so that none of it is missed.
    child.once('close', (code, signal) => resolve({ code, signal }));
  });
  const { pid } = child;
  if (pid === undefined) throw new Error('the operator could not be started');
  endWithParent(child, pid);
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      printed += text;
    });
  }
  const isOver = () => child.exitCode !== null || child.signalCode !== null;
  const end: OperatorProcess['end'] = (signal = 'SIGKILL') => {
    if (!isOver()) child.kill(signal);
    return exited;
  };
  onTestFinished(async () => {
    await end();
  });

  const entries = () => printed.trimEnd().split('\n').map(entryOf);
  const ask: OperatorProcess['ask'] = async (query) => {
    const port = entries().find(({ listen }) => listen !== undefined)?.['listen'];
    const response = await fetch(`http://127.0.0.1:${port}${query}`);
    return { status: response.status, body: await response.text() };
  };
  return {
    pid,
    exited,
    output: () => printed,
    entries,
    ask,
    async untilReady() {
      const status = await eventually(async () => {
        if (isOver()) return 'over';
        const answer = await ask('/readyz');
        if (answer.status !== 200) throw new Error(answer.body);
        return 'ready';
      });
      if (status === 'over') throw new Error(`the operator ended:\n${printed}`);
    },
    end,
  };
}

/** Runs the operator to its end. */
export async function runOperatorProcess(
  options: OperatorProcessOptions = {},
): Promise<Exit & { readonly output: string }> {
  const operator = await startOperatorProcess(options);
  const exit = await operator.exited;
  return { ...exit, output: operator.output() };
}

/** A shell that waits for the end of its input, which comes however this process ends. */
function endWithParent(child: ChildProcess, pid: number): void {
  const guard = spawn('/bin/sh', ['-c', 'read _; kill -KILL "$0"', String(pid)], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  guard.unref();
  child.once('exit', () => guard.kill('SIGKILL'));
}

function entryOf(line: string): LogEntry {
  const entry: unknown = JSON.parse(line);
  if (!isLogEntry(entry)) throw new Error(`not an entry of the log: ${line}`);
  return entry;
}

function isLogEntry(entry: unknown): entry is LogEntry {
  return (
    typeof entry === 'object' &&
    entry !== null &&
    ['level', 'time', 'msg'].every((field) => typeof Reflect.get(entry, field) === 'string')
  );
}
