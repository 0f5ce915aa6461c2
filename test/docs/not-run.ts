import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };
import { execute } from '../testbed/execute.ts';

/** A command that documents show and the walk does not run. */
export interface NotRun {
  readonly command: RegExp;
  readonly because: string;
  /** What is checked instead; rejects where the command would not do what the document says. */
  verify(match: RegExpExecArray): Promise<void> | void;
}

const IMAGE = `registry.example.com/keyturn:${manifest.version}`;

/** What make would run for these arguments. */
async function recipe(...args: string[]): Promise<string[]> {
  // The tests may be run by make themselves, which passes its own flags on.
  const flags = ['--dry-run', '--no-print-directory'];
  const { code, stdout, stderr } = await execute('make', [...flags, ...args]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return stdout.trimEnd().split('\n');
}

function expectInGate(command: string): void {
  expect(readFileSync('.ci/run', 'utf8').split('\n')).toContainEqual(
    expect.stringMatching(new RegExp(`^${command}( |$)`)),
  );
}

export const NOT_RUN: readonly NotRun[] = [
  {
    command: /^make (demo|test)$/,
    because: 'it takes minutes, and is a step of the gate itself',
    verify: ([command]) => expectInGate(command),
  },
  {
    command: /^make image IMAGE=(\S+)$/,
    because: 'no container engine runs here',
    async verify([, image]) {
      expect(image).toBe(IMAGE);
      expect(await recipe('image', `IMAGE=${image}`)).toEqual([`docker build --tag ${image} .`]);
    },
  },
  {
    command: /^docker push (\S+)$/,
    because: 'no container engine runs here, and there is no registry',
    verify: ([, image]) => expect(image).toBe(IMAGE),
  },
  {
    command: /^make build$/,
    because: 'it writes into the repository; the walk has what build.ts makes in dist/',
    async verify() {
      expect((await recipe('build')).at(-1)).toBe('npm run --silent build');
      expect(manifest.scripts.build).toBe('node build.ts');
    },
  },
  {
    command: /^make run$/,
    because: 'it runs until it is interrupted; the walk starts the same program itself',
    verify: async () => expect((await recipe('run')).at(-1)).toBe('dist/keyturn.mjs'),
  },
  {
    command: /^make ((?:kind-[a-z]+ ?)+)$/,
    because: 'no container engine runs here; test/deploy/kind.test.ts runs the script',
    async verify([, targets = '']) {
      const names = targets.trim().split(' ');
      const scripts = names.map((name) => `deploy/kind/kind.sh ${name.slice('kind-'.length)}`);
      expect(await recipe(...names)).toEqual(scripts);
    },
  },
];
