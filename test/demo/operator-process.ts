import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from '../testbed/ports.ts';
import { createProcessGroup } from '../testbed/processes.ts';

/** The operator, as a process of its own. */
export interface OperatorProcess {
  /** The last lines of its log. */
  logTail(): string;
  /** Ends it in order; kills it after 2 s. */
  stop(): Promise<void>;
}

const root = join(import.meta.dirname, '../..');
const readyLimitMs = 30_000;
const readyPollMs = 50;
const logTailLines = 15;

/** Starts the operator, bundled if `make build` was run, and resolves when it is ready to work. */
export async function startOperator(kubeConfigPath: string): Promise<OperatorProcess> {
  const programs = ['dist/keyturn.mjs', 'src/main.ts'];
  const program = programs.find((path) => existsSync(join(root, path)));
  if (program === undefined) throw new Error(`found neither of ${programs.join(', ')}`);
  const address = `127.0.0.1:${await freePort()}`;
  const group = await createProcessGroup();
  const logFile = join(group.directory, 'keyturn.log');
  try {
    const options = ['--kubeconfig', kubeConfigPath, '--listen', address, '--log-format', 'text'];
    const child = group.start('keyturn', process.execPath, [join(root, program), ...options]);
    const deadline = Date.now() + readyLimitMs;
    while (!(await isReady(address))) {
      child.assertRunning();
      if (Date.now() > deadline) {
        throw new Error(`the operator is not ready after ${readyLimitMs / 1000} s`);
      }
      await delay(readyPollMs);
    }
    return {
      logTail: () =>
        readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-logTailLines).join('\n'),
      async stop() {
        await child.stop();
        await group.stop();
      },
    };
  } catch (error) {
    await group.stop();
    throw error;
  }
}

function isReady(address: string): Promise<boolean> {
  return fetch(`http://${address}/readyz`).then(
    ({ ok }) => ok,
    () => false,
  );
}
