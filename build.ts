import { chmod } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';

// A long-lived process with a large cache: memory is worth more than the last bit of speed.
const INTERPRETER = '/usr/bin/env -S MALLOC_ARENA_MAX=1 node --optimize-for-size';

const outdir = process.argv[2] ?? 'dist';

/** Bundles the operator into one file that needs nothing but Node: `node build.ts [folder]`. */
await build({
  entryPoints: { keyturn: 'src/main.ts' },
  outdir,
  outExtension: { '.js': '.mjs' },
  bundle: true,
  platform: 'node',
  target: 'node24',
  format: 'esm',
  sourcemap: false,
  legalComments: 'none',
  // CommonJS dependencies call require for Node's own modules.
  banner: {
    js: [
      `#!${INTERPRETER}`,
      "import { createRequire as __createRequire } from 'node:module';",
      'const require = __createRequire(import.meta.url);',
    ].join('\n'),
  },
});
await chmod(join(outdir, 'keyturn.mjs'), 0o755);
