import { cpSync, mkdtempSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };
import { execute } from '../testbed/execute.ts';

const dockerfile = readFileSync('Dockerfile', 'utf8');
const ignored = readFileSync('.dockerignore', 'utf8').split('\n');
const stages = dockerfile.split(/^FROM /m).slice(1);
const final = stages.at(-1) ?? '';
const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.*) \S+$/gm)].flatMap(([, sources = '']) =>
  sources.split(' '),
);

test('the image runs the bundle as a user that is a number and not root', () => {
  // The kubelet cannot tell of a name whether it is root.
  expect(final).toMatch(/^USER [1-9]\d*:[1-9]\d*$/m);
  const entry = final.match(/^ENTRYPOINT \["(.*)"\]$/m)?.[1];
  expect(final).toContain(`/dist/keyturn.mjs ${entry}\n`);
  expect(final).not.toMatch(/^(RUN|ENV|ARG) /m);
});

test('the licenses go along', () => {
  expect(final).toMatch(/^COPY LICENSE \/$/m);
  expect(final).toMatch(/^COPY --from=build \/keyturn\/dist\/THIRD-PARTY-NOTICES.txt \/$/m);
});

test('all that the image copies from here is let through, and little else', () => {
  expect(ignored[0]).toBe('*');
  expect(ignored.filter((line) => line.startsWith('!')).sort()).toEqual(
    copied.map((source) => `!${source}`).sort(),
  );
});

test('what the image copies is enough to build the bundle, which runs', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'keyturn-image-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  for (const source of copied) cpSync(source, join(folder, source), { recursive: true });
  symlinkSync(resolve('node_modules'), join(folder, 'node_modules'));
  const build = dockerfile.match(/^RUN node (build\.ts) (dist)$/m)?.slice(1) ?? [];
  const built = await execute(process.execPath, build, { cwd: folder });
  expect(built).toMatchObject({ code: 0, stderr: '' });
  expect(readdirSync(join(folder, 'dist'))).toContain('THIRD-PARTY-NOTICES.txt');
  const told = await execute(join(folder, 'dist/keyturn.mjs'), ['--version']);
  expect(told).toMatchObject({ code: 0, stdout: `${manifest.version}\n` });
});
