import { cpSync, globSync, mkdtempSync, readFileSync, symlinkSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import manifest from '../package.json' with { type: 'json' };
import lock from '../package-lock.json' with { type: 'json' };
import { execute } from './testbed/execute.ts';

const { version, homepage, config, engines, devDependencies } = manifest;

/** What says a version of the project, and which it says, in a folder that holds the repository. */
function versionsIn(root: string): Record<string, unknown> {
  const text = (file: string) => readFileSync(join(root, file), 'utf8');
  const chart = parse(text('deploy/helm/keyturn/Chart.yaml'));
  const pushed = (file: string) =>
    [...text(file).matchAll(/registry\.example\.com\/keyturn:([\w.-]+\w)/g)].map(([, tag]) => tag);
  const deployment = parseAllDocuments(text('deploy/install.yaml')).find(
    (document) => document.get('kind') === 'Deployment',
  );
  const image = deployment?.getIn(['spec', 'template', 'spec', 'containers', 0, 'image']);
  const locked = JSON.parse(text('package-lock.json'));
  return {
    'package.json': JSON.parse(text('package.json')).version,
    'package-lock.json': locked.version,
    'package-lock.json, packages': locked.packages[''].version,
    'Chart.yaml, version': chart.version,
    'Chart.yaml, appVersion': chart.appVersion,
    kustomization: parse(text('deploy/base/kustomization.yaml')).images[0].newTag,
    'install.yaml': String(image).split(':')[1],
    ...Object.fromEntries(
      ['README.md', 'docs/install.md', 'Makefile'].flatMap((file) =>
        pushed(file).map((tag, index) => [`${file}, ${index}`, tag]),
      ),
    ),
  };
}

test('everything that names a version of the project names that of package.json', () => {
  const found = versionsIn('.');
  expect(Object.keys(found)).toHaveLength(12);
  for (const [where, told] of Object.entries(found)) expect(told, where).toBe(version);
  const changelog = readFileSync('CHANGELOG.md', 'utf8');
  expect(changelog.match(/^## \[(\d.*?)\]/m)?.[1]).toBe(version);
});

test('`npm version` brings all of them up to date, in one commit with a tag', async () => {
  const root = mkdtempSync(join(tmpdir(), 'keyturn-version-'));
  onTestFinished(() => rm(root, { recursive: true }));
  const run = async (command: string, ...args: string[]) => {
    const identity = { GIT_AUTHOR_NAME: 'a', GIT_AUTHOR_EMAIL: 'a@example.com' };
    const committer = { GIT_COMMITTER_NAME: 'a', GIT_COMMITTER_EMAIL: 'a@example.com' };
    const env = { ...identity, ...committer, HOME: root, npm_config_update_notifier: 'false' };
    const { code, stdout, stderr } = await execute(command, args, { cwd: root, env });
    expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
    return stdout.trim();
  };
  const sources = ['package.json', 'package-lock.json', 'Makefile', 'README.md', 'Dockerfile'];
  for (const source of [...sources, 'crds', 'deploy', 'docs', 'src']) {
    cpSync(source, join(root, source), { recursive: true });
  }
  await run('git', 'init', '--quiet');
  await run('git', 'add', '.');
  await run('git', 'commit', '--quiet', '--message', 'Before');
  symlinkSync(resolve('node_modules'), join(root, 'node_modules'));

  await run('npm', 'version', '9.8.7-rc.1');
  for (const [where, told] of Object.entries(versionsIn(root))) {
    expect(told, where).toBe('9.8.7-rc.1');
  }
  expect(await run('git', 'status', '--porcelain', '--untracked-files=no')).toBe('');
  expect(await run('git', 'tag', '--points-at', 'HEAD')).toBe('v9.8.7-rc.1');
});

test('name and homepage are those of package.json wherever they stand', () => {
  const { home } = parse(readFileSync('deploy/helm/keyturn/Chart.yaml', 'utf8'));
  expect(home).toBe(homepage);
  const overlay = parse(readFileSync('test/deploy/overlay/kustomization.yaml', 'utf8'));
  expect(overlay.images).toMatchObject([{ name: config.image }]);
  const install = readFileSync('docs/install.md', 'utf8');
  expect(install).toContain(`\`${config.image}\``);
  expect(install).toContain(`name: ${config.image}\n`);
  const files = globSync(['deploy/krew/*', 'deploy/kind/*', 'src/**/*.ts', 'Makefile']);
  expect(files.length).toBeGreaterThan(100);
  const naming = files.filter((file) => {
    const text = readFileSync(file, 'utf8');
    return text.includes(homepage) || text.includes(config.image);
  });
  expect(naming).toEqual([]);
});

test('the oldest Node that runs the programs is said alike', () => {
  const oldest = engines.node.match(/^>=(\d+)$/)?.[1];
  expect(readFileSync('build.ts', 'utf8')).toContain(`target: 'node${oldest}'`);
  expect(readFileSync('deploy/krew/keyturn.yaml', 'utf8')).toContain(`Node.js ${oldest} or newer`);
});

test('the Node of the image is that of the tests', () => {
  expect(readFileSync('Dockerfile', 'utf8')).toContain(
    `ARG NODE_VERSION=${devDependencies.node}\n`,
  );
  expect(process.versions.node).toBe(devDependencies.node);
});

test('the oldest Go that builds the test bed is said alike', () => {
  const modules = globSync('test/**/go.mod').map((file) => readFileSync(file, 'utf8'));
  const needed = modules.map((text) => text.match(/^go (\d+\.\d+)/m)?.[1]);
  expect(modules.length).toBeGreaterThan(2);
  expect(new Set(needed).size).toBe(1);
  expect(readFileSync('README.md', 'utf8')).toContain(`Go ${needed[0]} or newer`);
});

test('the oldest Kubernetes is said alike', () => {
  const { kubeVersion } = parse(readFileSync('deploy/helm/keyturn/Chart.yaml', 'utf8'));
  const oldest = kubeVersion.match(/^>=(\d+\.\d+)\.0-0$/)?.[1];
  for (const file of ['README.md', 'docs/install.md']) {
    expect(readFileSync(file, 'utf8')).toContain(`Kubernetes ${oldest} or newer`);
  }
});

test('every package is pinned, and has a checksum', () => {
  const { dependencies } = manifest;
  for (const [name, wanted] of Object.entries({ ...dependencies, ...devDependencies })) {
    expect(wanted, name).toMatch(/^\d+\.\d+\.\d+$/);
  }
  const packages = Object.entries(lock.packages).filter(([path]) => path !== '');
  expect(packages.length).toBeGreaterThan(100);
  const unchecked = packages.filter(
    ([, each]) => !('integrity' in each && each.integrity.startsWith('sha512-')),
  );
  expect(unchecked.map(([path]) => path)).toEqual([]);
});
