import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { withFileLock } from './lock.ts';

const directory = mkdtempSync(join(tmpdir(), 'keyturn-lock-'));
afterAll(() => rmSync(directory, { recursive: true }));

test('a lock keeps others out until its holder has ended, even by SIGKILL', async () => {
  const file = join(directory, 'lock');
  const module = JSON.stringify(join(import.meta.dirname, 'lock.ts'));
  const holder = spawn(process.execPath, [
    '--input-type=module',
    '--eval',
    `const { withFileLock } = await import(${module});
     await withFileLock(${JSON.stringify(file)}, () => undefined, () => {
       console.log('held');
       return new Promise((resolve) => setTimeout(resolve, 1e6));
     });`,
  ]);
  await once(holder.stdout, 'data');

  let waits = 0;
  const onWait = () => {
    waits++;
    holder.kill('SIGKILL');
  };
  expect(await withFileLock(file, onWait, async () => 'done')).toBe('done');
  expect(waits).toBe(1);
});
