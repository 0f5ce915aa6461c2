import { chmod, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { build, type Metafile } from 'esbuild';
import { bundledPackages } from './deploy/sbom/bundled.ts';
import { thirdPartyNotices } from './deploy/sbom/notices.ts';

/** Bundles a program into one file that needs nothing but Node; resolves to what it is made of. */
async function bundle(
  outdir: string,
  name: string,
  entry: string,
  interpreter: string,
): Promise<Metafile> {
  const outfile = join(outdir, `${name}.mjs`);
  const { metafile } = await build({
    // Paths get into the bundle: neither the folder nor a link to node_modules must make a difference.
    absWorkingDir: import.meta.dirname,
    preserveSymlinks: true,
    entryPoints: [entry],
    outfile,
    bundle: true,
    metafile: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    sourcemap: false,
    legalComments: 'none',
    // CommonJS dependencies call require for Node's own modules.
    banner: {
      js: [
        `#!${interpreter}`,
        "import { createRequire as __createRequire } from 'node:module';",
        'const require = __createRequire(import.meta.url);',
      ].join('\n'),
    },
  });
  await chmod(outfile, 0o755);
  return metafile;
}

// A long-lived process with a large cache: memory is worth more than the last bit of speed.
const SMALL_MEMORY = '/usr/bin/env -S MALLOC_ARENA_MAX=1 node --optimize-for-size';

/** Builds all programs into a folder, and the notices that go along with them. */
export async function buildPrograms(folder: string): Promise<readonly Metafile[]> {
  const outdir = resolve(folder);
  const bundles = [
    await bundle(outdir, 'keyturn', 'src/main.ts', SMALL_MEMORY),
    await bundle(outdir, 'kubectl-keyturn', 'src/kubectl-keyturn.ts', '/usr/bin/env node'),
  ];
  const notices = thirdPartyNotices(bundledPackages(bundles));
  await writeFile(join(outdir, 'THIRD-PARTY-NOTICES.txt'), notices);
  return bundles;
}

// `node build.ts [folder]`
if (import.meta.main) await buildPrograms(process.argv[2] ?? 'dist');
