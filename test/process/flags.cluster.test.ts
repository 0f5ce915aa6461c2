import { expect, test } from 'vitest';
import { runOperatorProcess } from './operator-process.ts';

/** Every flag has an environment variable named after it, and KUBECONFIG is everybody's. */
function variableOf(flag: string): string {
  if (flag === '--kubeconfig') return 'KUBECONFIG';
  return `KEYTURN_${flag.slice(2).replaceAll('-', '_').toUpperCase()}`;
}

test('--help explains every flag and names its environment variable', async () => {
  const { code, output } = await runOperatorProcess({ args: ['--help'] });
  expect(code).toBe(0);
  const explained = new Map(
    output
      .split(/^ {2}(?=-)/m)
      .slice(1)
      .map((text) => [text.match(/--[a-z-]+/)?.[0] ?? '', text.replace(/\s+/g, ' ')]),
  );
  expect([...explained.keys()]).toEqual(
    expect.arrayContaining(['--kubeconfig', '--namespaces', '--listen', '--log-level', '--help']),
  );
  for (const [flag, text] of explained) {
    if (flag === '--help' || flag === '--version') continue;
    expect(text, flag).toContain(`env: ${variableOf(flag)}`);
    expect(text.length, flag).toBeGreaterThan(60);
  }
});

test('--version prints the version', async () => {
  const { code, output } = await runOperatorProcess({ args: ['--version'] });
  expect({ code, output }).toEqual({ code: 0, output: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) });
});

/** Whatever is wrong with the options ends the start with one line that names the option. */
async function expectRefusal(
  run: ReturnType<typeof runOperatorProcess>,
  named: string,
  reason: string,
) {
  const { code, output } = await run;
  expect(code).not.toBe(0);
  expect(output.trimEnd().split('\n')).toHaveLength(1);
  expect(output).toContain(named);
  expect(output).toContain(reason);
}

test.for<[string, string, string]>([
  ['--concurrency', '0', 'whole number from 1 to 1000'],
  ['--concurrency', 'many', 'whole number from 1 to 1000'],
  ['--namespaces', 'shop,Not_A_Name', '"Not_A_Name" is not the name of a namespace'],
  ['--operator-namespace', 'Not_A_Name', '"Not_A_Name" is not the name of a namespace'],
  ['--listen', 'localhost', 'host:port'],
  ['--listen', '127.0.0.1:65536', 'host:port'],
  ['--leader-elect', 'yes', 'It must be true or false'],
  ['--pause-rotations', 'yes', 'It must be true or false'],
  ['--log-level', 'loud', 'Allowed choices are trace, debug, info, warn, error'],
  ['--log-format', 'xml', 'Allowed choices are text, json'],
])('%s %s is refused, as a flag and from the environment', async ([flag, value, reason]) => {
  await expectRefusal(runOperatorProcess({ args: [`${flag}=${value}`] }), flag, reason);
  const variable = variableOf(flag);
  // A flag is stronger than the environment: the ones that tests always give are left alone.
  if (flag === '--listen' || flag === '--log-format') return;
  await expectRefusal(runOperatorProcess({ env: { [variable]: value } }), variable, reason);
});

test('a switch is off where its variable says false', async () => {
  const args = ['--kubeconfig=/no/such/file'];
  const electing = { KEYTURN_LEADER_ELECT: 'true' };
  await expectRefusal(runOperatorProcess({ args, env: electing }), '--leader-elect', 'outside');
  const alone = { KEYTURN_LEADER_ELECT: 'false' };
  await expectRefusal(runOperatorProcess({ args, env: alone }), '/no/such/file', 'cannot be read');
});

test.for([['--no-such-flag'], ['argument']])('%s is refused', async ([argument = '']) => {
  await expectRefusal(runOperatorProcess({ args: [argument] }), 'error:', '');
});
