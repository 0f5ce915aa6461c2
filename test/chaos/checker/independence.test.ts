import { globSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

test('the checker shares no code with anything: it imports from its own folder alone', () => {
  const modules = globSync('test/chaos/checker/*.ts').filter((file) => !file.endsWith('.test.ts'));
  const imports = modules.flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(/\bfrom '([^']+)'|^import '([^']+)'|\bimport\(/gm)].map(
      ([whole, from, bare]) => from ?? bare ?? whole,
    ),
  );
  expect(imports.length).toBeGreaterThan(20);
  expect(imports.filter((path) => !/^\.\/[a-z-]+\.ts$/.test(path))).toEqual([]);
});
