import { chmod } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';

const outdir = process.argv[2] ?? 'dist';

/** Bundles a program into one file that needs nothing but Node: `node build.ts [folder]`. */
async function bundle(name: string, entry: string, interpreter: string): Promise<void> {
  const outfile = join(outdir, `${name}.mjs`);
  await build({
    entryPoints: [entry],
    outfile,
    bundle: true,
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
}

// A long-lived process with a large cache: memory is worth more than the last bit of speed.
const SMALL_MEMORY = '/usr/bin/env -S MALLOC_ARENA_MAX=1 node --optimize-for-size';

await bundle('keyturn', 'src/main.ts', SMALL_MEMORY);
await bundle('kubectl-keyturn', 'src/kubectl-keyturn.ts', '/usr/bin/env node');
