import { expect } from 'vitest';
import { PROMPT } from '../cli/on-terminal.ts';
import { eventually } from '../setup/cluster.ts';
import type { Command } from './markdown.ts';
import { timeless } from './normalise.ts';
import { NOT_RUN } from './not-run.ts';
import type { Printed, Shell } from './shell.ts';

/** What the rest of the world does once a command has been run. */
export type Reaction = readonly [command: RegExp, act: () => Promise<unknown>];

// What only shows is asked again until events and status have caught up, as a reader would.
const SHOWS = /^kubectl ([-\w]+ \S+ )?(get|describe|keyturn (status|list))\b/;

/** Runs the commands of a document one after the other, as they are written there. */
export async function walk(
  commands: readonly Command[],
  shell: Shell,
  reactions: readonly Reaction[] = [],
): Promise<void> {
  expect(commands.length).toBeGreaterThan(0);
  for (const command of commands) {
    if (!(await isVerifiedOtherwise(command.text))) await follow(command, shell);
    for (const [pattern, act] of reactions) if (pattern.test(command.text)) await act();
  }
}

/** Runs what a document presupposes. */
export async function prepare(shell: Shell, commands: readonly string[]): Promise<void> {
  for (const text of commands) {
    const { code, printed } = await shell.run(text);
    if (code !== 0) throw new Error(`${text}: ${printed}`);
  }
}

async function isVerifiedOtherwise(text: string): Promise<boolean> {
  for (const { command, verify } of NOT_RUN) {
    const match = command.exec(text);
    if (match === null) continue;
    await verify(match);
    return true;
  }
  return false;
}

async function follow({ where, text, output }: Command, shell: Shell): Promise<void> {
  const hint = `${where}: ${text}`;
  if (output === undefined) {
    const { code, printed } = await shell.run(text);
    expect({ code, printed }, hint).toEqual({ code: 0, printed });
    return;
  }
  const wanted = timeless(output);
  const compare = async (run: () => Promise<Printed>) =>
    expect(timeless((await run()).printed), hint).toBe(wanted);
  if (output.includes(PROMPT)) await compare(() => shell.runOnTerminal(text, 'y\r'));
  else if (SHOWS.test(text)) await eventually(() => compare(() => shell.run(text)));
  else await compare(() => shell.run(text));
}
