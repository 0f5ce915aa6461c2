import { Command, CommanderError } from 'commander';
import { escapedLines } from '../api/printable.ts';
import { defineCompletion } from './commands/completion.ts';
import { defineIncident } from './commands/incident.ts';
import { defineList } from './commands/list.ts';
import { defineRevoke } from './commands/revoke.ts';
import { defineRotate } from './commands/rotate.ts';
import { defineStatus } from './commands/status.ts';
import { defineWait } from './commands/wait.ts';
import type { Context } from './context.ts';
import { EXIT, explain, Failure } from './failure.ts';
import { type LoadKubeConfig, openSession } from './session.ts';
import type { Terminal } from './terminal.ts';

export interface Wiring {
  readonly version: string;
  readonly terminal: Terminal;
  readonly loadKubeConfig: LoadKubeConfig;
}

/** Runs the plugin with the words after its name and resolves to its exit code. */
export async function run(words: readonly string[], wiring: Wiring): Promise<number> {
  const { terminal } = wiring;
  let exitCode: number = EXIT.done;
  const context: Context = {
    terminal,
    async connected(flags, work) {
      const session = openSession(flags, wiring.loadKubeConfig);
      try {
        exitCode = await work(session);
      } finally {
        await session.transport.close();
      }
    },
  };
  try {
    await createProgram(context, wiring.version).parseAsync(words, { from: 'user' });
    return exitCode;
  } catch (error) {
    // Commander has told already what is wrong with the command line.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
    const isFailure = error instanceof Failure;
    const message = isFailure ? error.message : explain(error);
    terminal.err(`${terminal.paint('red', 'error:')} ${escapedLines(message)}\n`);
    return isFailure ? error.exitCode : EXIT.failed;
  }
}

function createProgram(context: Context, version: string): Command {
  const program = new Command('kubectl keyturn')
    .description('Shows, rotates and revokes the client secrets of OIDC applications.')
    .version(version)
    .exitOverride()
    .configureOutput({ writeOut: context.terminal.out, writeErr: context.terminal.err })
    .enablePositionalOptions();
  defineStatus(program, context);
  defineList(program, context);
  defineRotate(program, context);
  defineRevoke(program, context);
  defineIncident(program, context);
  defineWait(program, context);
  defineCompletion(program, context);
  return program;
}
