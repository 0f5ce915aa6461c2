import { Argument, type Command } from 'commander';
import { candidates } from '../completion/candidates.ts';
import { SCRIPTS, SHELLS, type Shell } from '../completion/scripts.ts';
import type { Context } from '../context.ts';
import { EXIT } from '../failure.ts';
import { helpBelow } from '../help.ts';

/** Whoever presses Tab does not wait for long. */
const PATIENCE_MS = 3000;

/** The end of the list in the protocol of kubectl's completion: and no names of files. */
const NO_FILES = ':4';

export function defineCompletion(program: Command, { terminal, connected }: Context): void {
  program
    .command('completion')
    .addArgument(new Argument('<shell>', 'what to complete in').choices(SHELLS))
    .summary('print what makes the Tab key complete commands, flags and names')
    .description(
      'Prints a script. For bash and zsh, it completes kubectl-keyturn; that for kubectl completes ' +
        '"kubectl keyturn", wherever kubectl itself completes.',
    )
    .addHelpText('after', helpBelow('source <(kubectl keyturn completion bash)', ['done', 'usage']))
    .action((shell: Shell) => terminal.out(SCRIPTS[shell]));

  program
    .command('__complete', { hidden: true })
    .argument('[words...]')
    .allowUnknownOption()
    .passThroughOptions()
    .helpOption(false)
    .action(async (words: string[]) => {
      const found = await candidates(program, words, (flags) => applicationNames(connected, flags));
      const lines = found.map(({ word, description }) =>
        description === undefined ? word : `${word}\t${description}`,
      );
      terminal.out([...lines, NO_FILES, ''].join('\n'));
    });
}

async function applicationNames(
  connected: Context['connected'],
  flags: object,
): Promise<readonly string[]> {
  const names: string[] = [];
  try {
    await connected(
      { ...flags, requestTimeout: PATIENCE_MS },
      async ({ applications, namespace }) => {
        for (const { metadata } of await applications.list({ namespace }))
          names.push(metadata.name);
        return EXIT.done;
      },
    );
  } catch {
    // Where the cluster does not answer, there is nothing to offer, and no line to disturb.
  }
  return names;
}
