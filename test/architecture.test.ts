import { globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { expect, test } from 'vitest';

/** Which folders of src/ each folder may import from, besides itself. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  api: [],
  kubernetes: [],
  rotation: ['api'],
  providers: ['api', 'rotation', 'kubernetes'],
  controller: ['api', 'kubernetes', 'providers', 'rotation'],
  telemetry: ['api', 'controller', 'kubernetes'],
  cli: ['api', 'kubernetes'],
};

const IMPORT = /^(?:import|export)\b[^'"]*?\bfrom '([^']+)'|^import '([^']+)'/gm;

function importsOf(file: string): string[] {
  const source = readFileSync(file, 'utf8');
  return [...source.matchAll(IMPORT)].map((match) => match[1] ?? match[2] ?? '');
}

/** The folder of src/ that a module belongs to; undefined for the modules of src/ itself. */
function folderOf(file: string): string | undefined {
  const [, folder, rest] = normalize(file).split('/');
  return rest === undefined ? undefined : folder;
}

const modules = globSync('src/**/*.ts');

test('there are modules to look at', () => {
  expect(modules.length).toBeGreaterThan(30);
});

test.each(Object.keys(ALLOWED))('src/%s imports from where it may alone', (folder) => {
  const own = modules.filter((file) => folderOf(file) === folder);
  const wrong = own.flatMap((file) =>
    importsOf(file)
      .filter((path) => path.startsWith('.'))
      .filter((path) => {
        const to = folderOf(join(dirname(file), path));
        return to === undefined || (to !== folder && ALLOWED[folder]?.includes(to) !== true);
      })
      .map((path) => `${file} imports ${path}`),
  );
  expect(wrong).toEqual([]);
});

test('every folder of src/ has its directions written down', () => {
  const folders = new Set(modules.map(folderOf).filter((folder) => folder !== undefined));
  expect([...folders].filter((folder) => !(folder in ALLOWED))).toEqual([]);
});

test('rotation/ does no input or output', () => {
  const pure = ['node:crypto'];
  const used = modules
    .filter((file) => folderOf(file) === 'rotation' || folderOf(file) === 'api')
    .flatMap(importsOf)
    .filter((path) => !path.startsWith('.'));
  expect(used.filter((path) => !pure.includes(path) && path !== 'node:util')).toEqual([]);
});
