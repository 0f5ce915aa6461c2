import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { version } from '../src/version.ts';
import { builtPrograms } from './process/bundle.ts';
import { execute } from './testbed/execute.ts';

const unpacked = mkdtempSync(join(tmpdir(), 'keyturn-krew-'));
let built = '';

beforeAll(async () => {
  built = await builtPrograms();
  await pack();
});

afterAll(() => rmSync(unpacked, { recursive: true }));

async function pack(): Promise<void> {
  const { code, stderr } = await execute(process.execPath, ['deploy/krew/package.ts', built]);
  if (code !== 0) throw new Error(stderr);
}

function digest(): string {
  const archive = readFileSync(join(built, 'kubectl-keyturn.tar.gz'));
  return createHash('sha256').update(archive).digest('hex');
}

test('the manifest names the version of package.json and the archive as it is', () => {
  const text = readFileSync(join(built, 'keyturn.yaml'), 'utf8');
  expect(text).not.toMatch(/[{}#]/);
  expect(parse(text)).toMatchObject({
    apiVersion: 'krew.googlecontainertools.github.com/v1alpha2',
    kind: 'Plugin',
    metadata: { name: 'keyturn' },
    spec: {
      version: `v${version}`,
      shortDescription: expect.stringMatching(/^.{10,50}$/),
      platforms: [
        {
          uri: expect.stringMatching(`^https://.*/v${version}/kubectl-keyturn\\.tar\\.gz$`),
          sha256: digest(),
          bin: 'kubectl-keyturn.mjs',
        },
      ],
    },
  });
});

test('the archive holds the plugin, which runs, and the licenses', async () => {
  const archive = join(built, 'kubectl-keyturn.tar.gz');
  const { code, stderr } = await execute('tar', ['-xzf', archive, '-C', unpacked]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(readFileSync(join(unpacked, 'LICENSE'), 'utf8')).toBe(readFileSync('LICENSE', 'utf8'));
  const notices = readFileSync(join(built, 'THIRD-PARTY-NOTICES.txt'), 'utf8');
  expect(readFileSync(join(unpacked, 'THIRD-PARTY-NOTICES.txt'), 'utf8')).toBe(notices);
  const { spec } = parse(readFileSync(join(built, 'keyturn.yaml'), 'utf8'));
  const installed = spec.platforms[0].files.map(({ from }: { from: string }) => from);
  expect(installed.sort()).toEqual(readdirSync(unpacked).sort());
  const { stdout } = await execute(join(unpacked, 'kubectl-keyturn.mjs'), ['--version']);
  expect(stdout).toBe(`${version}\n`);
});

test('packed again, it is the same to the byte', async () => {
  const first = digest();
  await pack();
  expect(digest()).toBe(first);
});
