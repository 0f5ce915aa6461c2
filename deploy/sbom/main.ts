import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildPrograms } from '../../build.ts';
import { bundledPackages } from './bundled.ts';
import { readInventory } from './inventory.ts';
import { shipped } from './sbom.ts';

const folder = process.argv[2] ?? join(import.meta.dirname, '../../dist');

/** Builds the programs and writes beside them what they are made of: `node main.ts [folder]`. */
const bundled = bundledPackages(await buildPrograms(folder));
const identities = new Set(bundled.map(({ identity }) => identity));
const sbom = JSON.stringify(shipped(readInventory(), identities), null, 2);
writeFileSync(join(folder, 'keyturn.cdx.json'), `${sbom}\n`);
