import type { Command, Option } from 'commander';

/** A word that could come next, and what it is. */
export interface Candidate {
  readonly word: string;
  readonly description?: string;
}

/** What is worth offering where a flag takes more than these. */
const SUGGESTIONS: Readonly<Record<string, readonly string[]>> = {
  '--retain': ['1d', '7d', '30d', 'none'],
  '--for': [
    'settled',
    'rotation',
    'revocation',
    'condition=Ready',
    'condition=PreviousSecretRetained=False',
  ],
};

/**
 * What the last of `words`, which may be empty, could become. `applications` is asked for names where
 * one is to come, with the flags that were given before.
 */
export async function candidates(
  program: Command,
  words: readonly string[],
  applications: (flags: object) => Promise<readonly string[]>,
): Promise<readonly Candidate[]> {
  const [name = '', ...rest] = words;
  if (words.length < 2) return beginningWith(name, commandsOf(program));
  const command = program.commands.find((each) => each.name() === name);
  if (command === undefined) return [];
  const partial = rest.at(-1) ?? '';
  const before = rest.slice(0, -1);
  const pending = optionNamed(command, before.at(-1) ?? '');
  if (pending?.required) return beginningWith(partial, valuesOf(pending));
  if (partial.startsWith('-')) return beginningWith(partial, flagsOf(command, partial));
  const [argument] = command.registeredArguments;
  if (argument?.argChoices !== undefined)
    return beginningWith(partial, worded(argument.argChoices));
  if (argument === undefined) return [];
  const { operands } = command.parseOptions(before);
  const names = await applications(command.opts());
  return beginningWith(partial, worded(names.filter((each) => !operands.includes(each))));
}

function commandsOf(program: Command): Candidate[] {
  return program.commands
    .filter((command) => !command.name().startsWith('__'))
    .map((command) => ({ word: command.name(), description: command.summary() }));
}

function flagsOf(command: Command, partial: string): Candidate[] {
  const option = optionNamed(command, partial.split('=', 1).join(''));
  if (partial.includes('=')) {
    return option === undefined
      ? []
      : valuesOf(option).map(({ word }) => ({ word: `${option.long}=${word}` }));
  }
  return command.options.map(({ long, description }) => ({ word: long ?? '', description }));
}

function valuesOf(option: Option): Candidate[] {
  return worded(option.argChoices ?? SUGGESTIONS[option.long ?? ''] ?? []);
}

function optionNamed(command: Command, word: string): Option | undefined {
  return command.options.find(
    ({ short, long }) => word !== '' && (word === short || word === long),
  );
}

function worded(words: readonly string[]): Candidate[] {
  return words.map((word) => ({ word }));
}

function beginningWith(partial: string, all: readonly Candidate[]): Candidate[] {
  return all.filter(({ word }) => word.startsWith(partial));
}
