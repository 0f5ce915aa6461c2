import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Metafile } from 'esbuild';

const root = join(import.meta.dirname, '../..');

/** The folder of a package, also of one that another package brings along. */
const FOLDER = /^.*node_modules\/(?:@[^/]+\/)?[^/]+/;

/** A package that has a part in one of the bundles. */
export interface BundledPackage {
  readonly folder: string;
  /** `name@version` */
  readonly identity: string;
}

export function bundledPackages(bundles: readonly Metafile[]): readonly BundledPackage[] {
  const inputs = bundles
    .flatMap(({ outputs }) => Object.values(outputs))
    .flatMap((output) => Object.entries(output.inputs));
  const folders = inputs.flatMap(([path, { bytesInOutput }]) =>
    bytesInOutput === 0 ? [] : (path.match(FOLDER)?.slice(0, 1) ?? []),
  );
  return [...new Set(folders)].sort().map((path) => {
    const folder = join(root, path);
    return { folder, identity: identityOf(folder) };
  });
}

function identityOf(folder: string): string {
  const { name, version }: { name: string; version: string } = JSON.parse(
    readFileSync(join(folder, 'package.json'), 'utf8'),
  );
  return `${name}@${version}`;
}
