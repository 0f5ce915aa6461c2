import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { execute } from './testbed/execute.ts';

const SOURCES = ['package.json', 'package-lock.json', 'build.ts', 'src', 'deploy', 'LICENSE'];
const SCRIPTS = ['deploy/sbom/main.ts', 'deploy/krew/package.ts'];
const PRELOAD = resolve('test/chaos/rig/clock-preload.ts');
const YEAR_MS = 365 * 24 * 3_600_000;

/** Where, by whom and when something is built. */
interface Circumstances {
  readonly name: string;
  readonly umask: string;
  readonly zone: string;
  readonly locale: string;
  readonly clockMs: number;
}

/** What is shipped, as it is built under the circumstances: the content of each file of dist/. */
async function built({ name, umask, zone, locale, clockMs }: Circumstances) {
  const parent = mkdtempSync(join(tmpdir(), 'keyturn-'));
  onTestFinished(() => rm(parent, { recursive: true }));
  const folder = join(parent, name);
  mkdirSync(folder);
  for (const source of SOURCES) cpSync(source, join(folder, source), { recursive: true });
  symlinkSync(resolve('node_modules'), join(folder, 'node_modules'));
  const clock = join(parent, 'clock');
  writeFileSync(clock, new Uint8Array(Float64Array.of(clockMs).buffer));
  const commands = SCRIPTS.map((script) => `"$0" --import "$1" ${script}`).join(' && ');
  const script = `umask ${umask} && ${commands}`;
  const { code, stderr } = await execute('/bin/sh', ['-c', script, process.execPath, PRELOAD], {
    cwd: folder,
    env: { CHAOS_CLOCK: clock, TZ: zone, LC_ALL: locale, LANG: locale, HOME: parent, USER: name },
  });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const dist = join(folder, 'dist');
  const files = readdirSync(dist).map((file) => [file, readFileSync(join(dist, file))] as const);
  return new Map(files);
}

test('built by others, elsewhere and at another time, dist/ is the same to the byte', async () => {
  const ours = { name: 'ours', umask: '022', zone: 'UTC', locale: 'C', clockMs: 0 };
  const theirs = {
    ...{ name: 'a folder of theirs', umask: '077', zone: 'Asia/Kathmandu' },
    ...{ locale: 'tr_TR.UTF-8', clockMs: 3 * YEAR_MS },
  };
  const [first, second] = [await built(ours), await built(theirs)];
  expect([...first.keys()].sort()).toEqual([
    'THIRD-PARTY-NOTICES.txt',
    'keyturn.cdx.json',
    'keyturn.mjs',
    'keyturn.yaml',
    'kubectl-keyturn.mjs',
    'kubectl-keyturn.tar.gz',
  ]);
  expect([...second.keys()].sort()).toEqual([...first.keys()].sort());
  for (const [file, content] of first) {
    expect(second.get(file)?.equals(content), file).toBe(true);
  }
});
