import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Metafile } from 'esbuild';

const root = join(import.meta.dirname, '../..');

/** The folder of a package, also of one that another package brings along. */
const FOLDER = /^.*node_modules\/(?:@[^/]+\/)?[^/]+/;

/** The packages that have a part in one of the bundles, as `name@version`. */
export function bundledPackages(bundles: readonly Metafile[]): Set<string> {
  const inputs = bundles
    .flatMap(({ outputs }) => Object.values(outputs))
    .flatMap((output) => Object.entries(output.inputs));
  const folders = inputs.flatMap(([path, { bytesInOutput }]) =>
    bytesInOutput === 0 ? [] : (path.match(FOLDER)?.slice(0, 1) ?? []),
  );
  return new Set([...new Set(folders)].map(identityOf));
}

function identityOf(folder: string): string {
  const path = join(root, folder, 'package.json');
  const { name, version }: { name: string; version: string } = JSON.parse(
    readFileSync(path, 'utf8'),
  );
  return `${name}@${version}`;
}
