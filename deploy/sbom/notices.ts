import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BundledPackage } from './bundled.ts';

const LICENSE = /^(?:(?:un)?licen[cs]e|copying)/i;
/** Apache-2.0 asks that it goes along. */
const NOTICE = /^notice/i;
const RULE = '='.repeat(80);

/** The licences of the packages in the bundles, which ask that their texts go along with the code. */
export function thirdPartyNotices(packages: readonly BundledPackage[]): string {
  const folders = new Map(packages.map(({ identity, folder }) => [identity, folder]));
  const sections = [...folders]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([identity, folder]) => `${RULE}\n${identity}\n${RULE}\n\n${textOf(identity, folder)}\n`);
  return ['Keyturn contains code of these packages, under their licenses.\n', ...sections].join(
    '\n',
  );
}

function textOf(identity: string, folder: string): string {
  const files = readdirSync(folder).sort();
  const licenses = files.filter((file) => LICENSE.test(file));
  if (licenses.length === 0) throw new Error(`no license text comes with ${identity}`);
  return [...licenses, ...files.filter((file) => NOTICE.test(file))]
    .map((file) =>
      readFileSync(join(folder, file), 'utf8')
        .replace(/^\s*\n/, '')
        .trimEnd(),
    )
    .join('\n\n');
}
