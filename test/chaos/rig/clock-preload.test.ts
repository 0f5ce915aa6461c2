import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { execute } from '../../testbed/execute.ts';
import { Clocks } from './clock.ts';

const preload = join(import.meta.dirname, 'clock-preload.ts');
const script = `
  const monotonic = performance.timeOrigin + performance.now();
  console.log(JSON.stringify([Date.now(), new Date().getTime(), Date.parse(Date()), monotonic,
    new Date(5).getTime(), new Date(2026, 10).getMonth(), new Date() instanceof Date]));
`;

test('a process sees the wall clock that its file says, however it asks, and no other time changes', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'keyturn-clock-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const clocks = new Clocks(directory, 2);
  clocks.advance(3_600_000);
  clocks.setError(1, -60_000);
  const { stdout, stderr } = await execute(process.execPath, ['--import', preload, '-e', script], {
    env: { CHAOS_CLOCK: clocks.fileOf(1) },
  });
  expect(stderr).toBe('');
  const parsed: unknown = JSON.parse(stdout);
  const [now, made, told, monotonic, ...others] = Array.isArray(parsed) ? parsed : [];
  for (const time of [now, made, told]) {
    const ahead = time - Date.now();
    expect(ahead).toBeGreaterThan(3_530_000);
    expect(ahead).toBeLessThanOrEqual(3_540_000);
  }
  expect(Math.abs(monotonic - Date.now())).toBeLessThan(60_000);
  expect(others).toEqual([5, 10, true]);
  expect(clocks.now() - Date.now()).toBeGreaterThanOrEqual(3_600_000);
});
