import { expect, test } from 'vitest';
import { execute } from '../testbed/execute.ts';
import { commandsOf, DOCUMENTS } from './markdown.ts';
import { NOT_RUN } from './not-run.ts';

/** The documents whose commands are run, by walk.cluster.test.ts and readme.tool.test.ts. */
const WALKED = [
  'README.md',
  'docs/quick-start.md',
  'docs/incident-response.md',
  'docs/rotating-without-an-outage.md',
  'docs/backup-and-restore.md',
  'docs/upgrade.md',
  'docs/uninstall.md',
];

const commands = DOCUMENTS.flatMap((file) => commandsOf(file));

test('every command is one that a shell understands', async () => {
  expect(commands.length).toBeGreaterThan(50);
  for (const { text, where } of commands) {
    const { code, stderr } = await execute('bash', ['-n', '-c', text]);
    expect({ code, stderr }, `${where}: ${text}`).toEqual({ code: 0, stderr: '' });
  }
});

test('every exception from being run says why, and is needed', () => {
  const walked = WALKED.flatMap((file) => commandsOf(file));
  for (const { command, because } of NOT_RUN) {
    expect(because).not.toBe('');
    expect(
      walked.some(({ text }) => command.test(text)),
      String(command),
    ).toBe(true);
  }
});
