import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { eventually } from '../setup/cluster.ts';
import { execute } from './execute.ts';

async function startMain() {
  const main = spawn(process.execPath, [join(import.meta.dirname, 'main.ts')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return { main, directory: await directoryPrintedBy(main) };
}

async function directoryPrintedBy(main: ChildProcessByStdio<null, Readable, null>) {
  for await (const line of createInterface(main.stdout)) {
    const path = line.match(/^export KUBECONFIG=(.+)$/)?.[1];
    if (path !== undefined) return dirname(path);
  }
  throw new Error('the testbed ended without printing its kubeconfig');
}

/** The programs that work in the folder: etcd, the API server, the controller manager, the watchdog. */
async function programsIn(directory: string): Promise<string[]> {
  const { stdout } = await execute('ps', ['-eo', 'args']);
  return stdout.split('\n').filter((args) => args.includes(directory));
}

test('Ctrl-C ends everything in order', async () => {
  const { main, directory } = await startMain();
  expect(await programsIn(directory)).toHaveLength(4);
  main.kill('SIGINT');
  expect(await once(main, 'exit')).toEqual([0, null]);
  expect(await programsIn(directory)).toEqual([]);
  expect(existsSync(directory)).toBe(false);
});

test('SIGKILL leaves no program and no file behind', async () => {
  const { main, directory } = await startMain();
  main.kill('SIGKILL');
  await eventually(async () => {
    expect(await programsIn(directory)).toEqual([]);
    expect(existsSync(directory)).toBe(false);
  });
});
