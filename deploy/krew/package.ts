import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import manifest from '../../package.json' with { type: 'json' };
import { archive } from './archive.ts';

const { homepage, version } = manifest;
const root = join(import.meta.dirname, '../..');
const folder = process.argv[2] ?? join(root, 'dist');

/** Makes of the built plugin what krew installs, an archive and its manifest: `node package.ts [folder]`. */
const packed = archive([
  {
    name: 'kubectl-keyturn.mjs',
    content: readFileSync(join(folder, 'kubectl-keyturn.mjs')),
    mode: 0o755,
  },
  { name: 'LICENSE', content: readFileSync(join(root, 'LICENSE')), mode: 0o644 },
  {
    name: 'THIRD-PARTY-NOTICES.txt',
    content: readFileSync(join(folder, 'THIRD-PARTY-NOTICES.txt')),
    mode: 0o644,
  },
]);
const sha256 = createHash('sha256').update(packed).digest('hex');
const plugin = readFileSync(join(import.meta.dirname, 'keyturn.yaml'), 'utf8')
  .replace(/^#.*\n/gm, '')
  .replaceAll('{{HOMEPAGE}}', homepage)
  .replaceAll('{{VERSION}}', version)
  .replaceAll('{{SHA256}}', sha256);
writeFileSync(join(folder, 'kubectl-keyturn.tar.gz'), packed);
writeFileSync(join(folder, 'keyturn.yaml'), plugin);
