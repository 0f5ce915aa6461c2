import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

// An API server that is asked to end refuses new requests at once, but keeps open watches for 60 s.
const stopLimitMs = 2_000;
const logTailLines = 15;

// Reads the process ids alive, one line per change. End of input means that the parent is gone,
// however it ended. A shell, since it is there at once and takes 1 MB.
const watchdogScript = `
while read -r line; do pids=$line; done
[ -z "$pids" ] || kill -KILL $pids
rm -rf "$1" || { sleep 1; rm -rf "$1"; }
`;

/** A running program that ends, at the latest, with the process that started it. */
export interface SupervisedProcess {
  readonly pid: number;
  /** Throws an error with the end of the log if the program is no longer running. */
  assertRunning(): void;
  /** Resolves once the program has ended; SIGKILL follows 2 s after SIGTERM. */
  stop(signal?: 'SIGTERM' | 'SIGKILL'): Promise<void>;
}

/** A temporary folder (mode 0700) and the programs that work in it. */
export interface ProcessGroup {
  readonly directory: string;
  /** Starts a program in the background; its output goes to `<name>.log` in the folder. */
  start(name: string, command: string, args: readonly string[]): SupervisedProcess;
  /** Kills all programs, the latest first, and deletes the folder. */
  stop(): Promise<void>;
}

/** Creates a folder and a watchdog that ends the programs and deletes the folder, even after SIGKILL. */
export async function createProcessGroup(): Promise<ProcessGroup> {
  const directory = await mkdtemp(join(tmpdir(), 'keyturn-testbed-'));
  const watchdog = spawn('/bin/sh', ['-c', watchdogScript, 'keyturn-watchdog', directory], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  watchdog.unref();
  const running = new Map<number, SupervisedProcess>();
  const report = () => watchdog.stdin.write(`${[...running.keys()].join(' ')}\n`);

  return {
    directory,
    start(name, command, args) {
      const logFile = join(directory, `${name}.log`);
      const supervised = startProcess(name, command, args, logFile, (pid) => {
        running.delete(pid);
        report();
      });
      running.set(supervised.pid, supervised);
      report();
      return supervised;
    },
    async stop() {
      for (const supervised of [...running.values()].reverse()) await supervised.stop('SIGKILL');
      watchdog.ref();
      watchdog.stdin.end();
      if (watchdog.exitCode === null) await once(watchdog, 'exit');
    },
  };
}

function startProcess(
  name: string,
  command: string,
  args: readonly string[],
  logFile: string,
  ended: (pid: number) => void,
): SupervisedProcess {
  const log = openSync(logFile, 'a', 0o600);
  // A process group of its own, so that Ctrl-C reaches only the parent, which stops in order.
  const child = spawn(command, args, { detached: true, stdio: ['ignore', log, log] });
  closeSync(log);
  child.unref();
  const { pid } = child;
  const exited = once(child, 'exit').then(
    () => pid !== undefined && ended(pid),
    () => undefined,
  );
  if (pid === undefined) throw new Error(`${name} could not be started from ${command}`);
  return {
    pid,
    assertRunning() {
      if (isRunning(child)) return;
      const how = child.signalCode ?? `exit code ${child.exitCode}`;
      throw new Error(`${name} ended (${how}):\n${logTail(logFile)}`);
    },
    async stop(signal = 'SIGTERM') {
      if (!isRunning(child)) return;
      child.ref();
      child.kill(signal);
      const tooLate = setTimeout(() => child.kill('SIGKILL'), stopLimitMs);
      await exited;
      clearTimeout(tooLate);
    },
  };
}

function isRunning(child: ChildProcess): boolean {
  return child.exitCode === null && child.signalCode === null;
}

function logTail(logFile: string): string {
  return readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-logTailLines).join('\n');
}
