import {
  cpSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Inventory } from '../deploy/sbom/inventory.ts';
import { thirdPartyNotices } from '../deploy/sbom/notices.ts';
import manifest from '../package.json' with { type: 'json' };
import lock from '../package-lock.json' with { type: 'json' };
import { execute } from './testbed/execute.ts';

const folder = mkdtempSync(join(tmpdir(), 'keyturn-sbom-'));
let sbom: Inventory;

beforeAll(async () => {
  const built = await execute(process.execPath, ['deploy/sbom/main.ts', folder]);
  expect(built).toMatchObject({ code: 0, stderr: '' });
  sbom = JSON.parse(readFileSync(join(folder, 'keyturn.cdx.json'), 'utf8'));
});

afterAll(() => rmSync(folder, { recursive: true }));

/** The packages that the bundles themselves name: esbuild writes above each module where it is from. */
function namedInBundles(): Set<string> {
  const folders = globSync(join(folder, '*.mjs')).flatMap((file) => [
    ...readFileSync(file, 'utf8').matchAll(
      /^ *(?:\/\/ |")((?:node_modules\/(?:@[^/"\n]+\/)?[^/"\n]+\/)+)[^"\n]+"?/gm,
    ),
  ]);
  return new Set(folders.map((match) => (match[1] ?? '').replace(/\/$/, '')));
}

test('the SBOM lists what is in the bundles, and nothing else', () => {
  const named = [...namedInBundles()].map((path) => {
    const { name, version } = JSON.parse(readFileSync(join(path, 'package.json'), 'utf8'));
    return `${name}@${version}`;
  });
  expect(named.length).toBeGreaterThan(40);
  const listed = sbom.components.map(({ name, version }) => `${name}@${version}`);
  expect(listed.toSorted()).toEqual([...new Set(named)].sort());
});

test('each has the checksum of package-lock.json, a licence, and a name for scanners', () => {
  const integrities = Object.values(lock.packages).map((each) =>
    'integrity' in each ? each.integrity : undefined,
  );
  for (const { name, version, purl, hashes = [], licenses } of sbom.components) {
    expect(purl).toBe(`pkg:npm/${name.replace('@', '%40')}@${version}`);
    expect(licenses, name).toHaveLength(1);
    const [hash] = hashes;
    const digest = Buffer.from(hash?.content ?? '', 'hex').toString('base64');
    expect(hash?.alg, name).toBe('SHA-512');
    expect(integrities, name).toContain(`sha512-${digest}`);
  }
});

test('the SBOM is about this version, and its dependencies are among what it lists', () => {
  const { component } = sbom.metadata;
  expect(component).toMatchObject({
    type: 'application',
    name: manifest.name,
    version: manifest.version,
  });
  const refs = [component, ...sbom.components].map((each) => each['bom-ref']);
  expect(sbom.dependencies.map(({ ref }) => ref).sort()).toEqual(refs.toSorted());
  for (const { dependsOn } of sbom.dependencies)
    expect(refs).toEqual(expect.arrayContaining(dependsOn as string[]));
});

test('the notices have the license text of each package in the bundles', () => {
  const notices = readFileSync(join(folder, 'THIRD-PARTY-NOTICES.txt'), 'utf8');
  for (const path of namedInBundles()) {
    const { name, version } = JSON.parse(readFileSync(join(path, 'package.json'), 'utf8'));
    const [, section = ''] = notices.split(`\n${name}@${version}\n`);
    const [file = ''] = globSync(join(path, '{LICENSE,license,UNLICENSE}{,.md}'));
    expect(section, path).toContain(readFileSync(file, 'utf8').trim());
    // Its own, and not one that comes later.
    expect(section.indexOf(readFileSync(file, 'utf8').trim()), path).toBeLessThan(200);
  }
});

test('the package for npm has the programs and the notices', async () => {
  const path = join(folder, 'npm');
  cpSync('package.json', join(path, 'package.json'));
  for (const file of globSync(['*.mjs', '*.txt', '*.json'], { cwd: folder }))
    cpSync(join(folder, file), join(path, 'dist', file));
  const { stdout } = await execute('npm', ['pack', '--dry-run', '--json'], { cwd: path });
  const [{ files }]: [{ files: { path: string }[] }] = JSON.parse(stdout);
  expect(files.map((file) => file.path).sort()).toEqual([
    'dist/THIRD-PARTY-NOTICES.txt',
    'dist/keyturn.mjs',
    'dist/kubectl-keyturn.mjs',
    'package.json',
  ]);
});

test('a NOTICE goes along; without a license text, there is no build', () => {
  const path = join(folder, 'package');
  const pack = [{ folder: path, identity: '@some/package@1.2.3' }];
  mkdirSync(path);
  writeFileSync(join(path, 'NOTICE.txt'), 'to be told');
  writeFileSync(join(path, 'index.js'), 'code');
  expect(() => thirdPartyNotices(pack)).toThrow('no license text comes with @some/package@1.2.3');
  writeFileSync(join(path, 'LICENCE'), '\n  to be kept\n');
  expect(thirdPartyNotices(pack)).toMatch(
    /\n@some\/package@1.2.3\n=+\n\n {2}to be kept\n\nto be told\n$/,
  );
});
