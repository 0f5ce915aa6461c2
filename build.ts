import { build } from 'esbuild';

/** Bundles the operator into one file that needs nothing but Node: `node build.ts [folder]`. */
await build({
  entryPoints: { keyturn: 'src/main.ts' },
  outdir: process.argv[2] ?? 'dist',
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
      '#!/usr/bin/env node',
      "import { createRequire as __createRequire } from 'node:module';",
      'const require = __createRequire(import.meta.url);',
    ].join('\n'),
  },
});
