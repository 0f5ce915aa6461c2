import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import manifest from '../../package.json' with { type: 'json' };
import { argocd } from './argocd.ts';
import { chart } from './chart.ts';
import { type Output, pathOf, read } from './files.ts';
import { render, withNewImage, withResources } from './kustomization.ts';

const { config, devDependencies, homepage, version } = manifest;

const CRDS = 'crds/Kustomization';
const BASE = 'deploy/base/kustomization.yaml';
const NODE_VERSION = /^ARG NODE_VERSION=.*$/m;
/** As it is pushed to a registry of one's own. */
const PUSHED_IMAGE = /(registry\.example\.com\/keyturn:)\d[\w.-]*\w/g;

/** In the order in which one is made from another. */
const outputs: readonly Output[] = [
  { path: CRDS, content: () => withResources(read(CRDS), definitions()) },
  { path: BASE, content: () => withNewImage(read(BASE), config.image, version) },
  { path: 'deploy/install.yaml', content: install },
  { path: 'Dockerfile', content: dockerfile },
  ...chart({ version, image: config.image, homepage }),
  ...['README.md', 'docs/install.md', 'Makefile'].map((path) => ({
    path,
    content: () => read(path).replace(PUSHED_IMAGE, `$1${version}`),
  })),
  ...argocd(),
];

function definitions(): string[] {
  return readdirSync(pathOf('crds'))
    .filter((name) => name.endsWith('.yaml'))
    .sort();
}

function install(): string {
  const origin = '# Generated from deploy/base by `make generate`: do not edit.\n';
  return origin + render('deploy/base');
}

function dockerfile(): string {
  const line = `ARG NODE_VERSION=${devDependencies.node}`;
  return read('Dockerfile').replace(NODE_VERSION, line);
}

/**
 * Writes what follows from crds/, deploy/ and package.json. With --check it writes nothing and fails
 * where a file is stale.
 */
const { check } = parseArgs({ options: { check: { type: 'boolean', default: false } } }).values;
for (const { path, content } of outputs) {
  const wanted = content();
  if (!check) {
    writeFileSync(pathOf(path), wanted);
  } else if (!existsSync(pathOf(path)) || wanted !== read(path)) {
    console.error(`${path} is stale: run "make generate"`);
    process.exitCode = 1;
  }
}
