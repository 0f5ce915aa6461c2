import { mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };
import { execute } from '../testbed/execute.ts';

/** What the script itself needs, wherever that is. */
const TOOLS = ['awk', 'dirname', 'grep', 'mktemp', 'rm'];

const image = `${manifest.config.image}:${manifest.version}`;
const ENGINES = ['docker', 'podman', 'nerdctl'];

/** Runs kind.sh on a machine where these programs, scripts that note how they are called, are all there is. */
async function run(command: string, programs: Readonly<Record<string, string>>) {
  const folder = mkdtempSync(join(tmpdir(), 'keyturn-kind-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const calls = join(folder, 'calls');
  writeFileSync(calls, '');
  for (const tool of TOOLS) {
    const { stdout } = await execute('/bin/sh', ['-c', `command -v ${tool}`]);
    symlinkSync(stdout.trim(), join(folder, tool));
  }
  for (const [name, script] of Object.entries(programs)) {
    const text = `#!/bin/sh\necho "${name} $*" >>${calls}\n${script}\n`;
    writeFileSync(join(folder, name), text, { mode: 0o755 });
  }
  const env = { PATH: folder, KIND_CLUSTER: 'keyturn' };
  const executed = await execute('deploy/kind/kind.sh', [command], { env });
  return { ...executed, calls: readFileSync(calls, 'utf8').trimEnd().split('\n') };
}

const noEngine = Object.fromEntries(ENGINES.map((name) => [name, 'exit 1']));
const podman = { ...noEngine, podman: 'exit 0', kubectl: 'exit 0' };

test.for(['up', 'load', 'demo', 'down'])(
  '%s: where no engine runs, it says so',
  async (command) => {
    const { code, stdout, stderr, calls } = await run(command, { ...noEngine, kubectl: 'exit 0' });
    expect(code).toBe(1);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/^No container engine runs, and kind needs one: .*"make demo"/);
    expect(calls).toEqual(ENGINES.map((name) => `${name} info`));
  },
);

test('up: makes a cluster with the engine that runs, unless there is one', async () => {
  const kind = 'echo "$KIND_EXPERIMENTAL_PROVIDER" >&2; [ "$1" != get ] || echo other';
  const made = await run('up', { ...podman, kind });
  expect(made).toMatchObject({ code: 0, stderr: 'podman\npodman\n' });
  expect(made.calls.at(-1)).toBe('kind create cluster --name keyturn --wait 120s');
  const found = await run('up', { ...podman, kind: 'echo keyturn' });
  expect(found.calls.at(-1)).toBe('kind get clusters');
});

test('load: builds the image that install.yaml names, and loads it', async () => {
  const { code, calls } = await run('load', { ...podman, kind: 'exit 0' });
  expect(code).toBe(0);
  expect(calls.slice(2)).toEqual([
    `podman build --tag ${image} .`,
    expect.stringMatching(`podman save --output \\S+ ${image}`),
    expect.stringMatching(/^kind load image-archive \S+ --name keyturn$/),
  ]);
});

test('a step that fails ends it', async () => {
  const failing = 'case $1 in build) exit 3;; esac';
  const { code, calls } = await run('load', { ...podman, podman: failing, kind: 'exit 0' });
  expect(code).toBe(3);
  expect(calls.at(-1)).toBe(`podman build --tag ${image} .`);
});

test('without kind, Go runs it at a fixed version', async () => {
  const { calls } = await run('down', { ...podman, go: 'exit 0' });
  expect(calls.at(-1)).toMatch(
    /^go run sigs\.k8s\.io\/kind@v\d+\.\d+\.\d+ delete cluster --name keyturn$/,
  );
});
