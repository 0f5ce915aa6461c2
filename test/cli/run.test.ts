import { describe, expect, test } from 'vitest';
import { explain, Failure } from '../../src/cli/failure.ts';
import { run } from '../../src/cli/run.ts';
import { plain } from '../../src/cli/terminal.ts';
import { ApiError, NetworkError } from '../../src/kubernetes/api-error.ts';

/** Runs the plugin where there is no cluster. */
async function offline(line: string | readonly string[]) {
  let stdout = '';
  let stderr = '';
  const words = typeof line === 'string' ? line.split(' ').filter(Boolean) : line;
  const code = await run(words, {
    version: '1.2.3',
    terminal: {
      out: (text) => {
        stdout += text;
      },
      err: (text) => {
        stderr += text;
      },
      paint: plain,
      ask: undefined,
    },
    loadKubeConfig: () => {
      throw new Failure('there is no cluster');
    },
  });
  return { code, stdout, stderr };
}

const COMMANDS = ['status', 'list', 'rotate', 'revoke', 'incident', 'wait', 'completion'];

describe('--help', () => {
  test('names every command', async () => {
    const { code, stdout } = await offline('--help');
    expect(code).toBe(0);
    const named = [...stdout.matchAll(/^ {2}([a-z_]+) (?:\[|<)/gm)].map(([, name]) => name);
    expect(named).toEqual([...COMMANDS, 'help']);
  });

  test.for(COMMANDS)('%s: an example, the flags, the exit codes', async (command) => {
    const { code, stdout, stderr } = await offline(`${command} --help`);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^Usage: kubectl keyturn [a-z]+ \[options\]/);
    expect(stdout).toMatch(/\nExample:\n {2}\S.*\n\nExit codes:\n {2}0 {2}done/);
    const flags = stdout.split(/^ {2}(?=-)/m).slice(1);
    expect(flags.length).toBeGreaterThan(0);
    for (const flag of flags) expect(flag).toMatch(/^-\S.*? {2,}\S.{8}/);
    if (command !== 'completion') expect(stdout).toContain('\nConnection:\n  -n, --namespace');
  });
});

test('--version prints the version', async () => {
  expect(await offline('--version')).toEqual({ code: 0, stdout: '1.2.3\n', stderr: '' });
});

test.for<[string, string]>([
  ['', 'Usage: kubectl keyturn'],
  ['rotat web', "unknown command 'rotat'\n(Did you mean rotate?)"],
  ['rotate web --retian 1d', "unknown option '--retian'\n(Did you mean --retain?)"],
  ['rotate web --retain 31d', 'none, or from 1m to 30d'],
  ['rotate web --at tomorrow', '2026-11-24T10:00:00Z'],
  ['rotate web --dry-run client', 'none, server'],
  ['list --output xml', 'json, yaml'],
  ['list web', 'too many arguments'],
  ['list -n shop/web', 'the name of a namespace'],
  ['rotate web -n Shop', 'the name of a namespace'],
  ['list --expiring-within soon', 'duration'],
  ['status', "missing required argument 'app'"],
  ['wait web --for deletion', 'condition=TYPE'],
  ['completion tcsh', 'bash, zsh, kubectl'],
])('"%s" is a wrong command line', async ([line, told]) => {
  const { code, stdout, stderr } = await offline(line);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toContain(told);
});

test.for(['rotate', 'rotate web -l team=shop', 'revoke', 'incident', 'wait'])(
  '"%s": names or a selector, one of the two',
  async (line) => {
    const { code, stderr } = await offline(line);
    expect(code).toBe(2);
    expect(stderr).toContain('--selector');
  },
);

test.for(['', ' '])('the selector "%s" would select all, and is refused', async (selector) => {
  for (const command of ['rotate', 'revoke', 'incident', 'wait']) {
    const { code, stderr } = await offline([command, '--selector', selector]);
    expect({ command, code }).toEqual({ command, code: 2 });
    expect(stderr).toContain('--selector is empty');
  }
});

test('--dry-run and --wait exclude each other', async () => {
  const { code, stderr } = await offline('rotate web --dry-run server --wait');
  expect(code).toBe(2);
  expect(stderr).toContain('nothing to --wait for');
});

test('a failure ends with its message and its code', async () => {
  const expected = { code: 1, stdout: '', stderr: 'error: there is no cluster\n' };
  expect(await offline('list')).toEqual(expected);
});

describe('what is said of an error of the API server', () => {
  const request = { method: 'GET', path: '/apis' };
  const api = (status: number, message: string) =>
    explain(new ApiError(request, status, { message }));

  test.for<[number, string, string]>([
    [401, 'Unauthorized', 'does not know the credentials'],
    [403, 'web is forbidden', 'does not allow it: web is forbidden'],
    [404, 'the server could not find the requested resource', 'Keyturn is not installed here'],
    [404, 'oidcapplications.keyturn.dev "web" not found', 'oidcapplications.keyturn.dev "web"'],
    [422, 'every must be longer\nthan that', 'every must be longer'],
  ])('%d %s', ([status, message, told]) => {
    expect(api(status, message)).toContain(told);
    expect(api(status, message)).not.toContain('\n');
  });

  test('a server that cannot be reached, and a fault of ours', () => {
    const error = new NetworkError(request, 'ECONNREFUSED', 'connect ECONNREFUSED');
    expect(explain(error)).toBe(
      'The API server cannot be reached: GET /apis: connect ECONNREFUSED',
    );
    expect(explain(new TypeError('no such thing'))).toBe('no such thing');
  });
});
