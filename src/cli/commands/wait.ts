import { type Command, Option } from 'commander';
import { arrivalResult } from '../arrival.ts';
import type { Context } from '../context.ts';
import {
  type SelectionFlags,
  selectionOf,
  withOutput,
  withSelector,
  withTimeout,
} from '../flags.ts';
import { awaitGoals } from '../goals/await.ts';
import type { Goal } from '../goals/goal.ts';
import { helpBelow } from '../help.ts';
import { parseGoal } from '../parse.ts';
import { Report } from '../render/results.ts';
import { select } from '../select.ts';

interface WaitFlags extends SelectionFlags {
  for: Goal;
  timeout: number;
}

export function defineWait(program: Command, { terminal, connected }: Context): void {
  const command = program
    .command('wait')
    .argument('[app...]', 'applications to wait for')
    .summary('wait until what spec asks for is done')
    .description(
      'Waits until the operator has done what the newest spec asks for. Ends early where waiting is ' +
        'of no use: a rotation is held for longer, or somebody has to change something first.',
    )
    .addOption(
      new Option(
        '--for <what>',
        'settled: all whose time has come; rotation: what rotateAfter asks for; revocation: all ' +
          'that must have ended; or condition=TYPE[=STATUS]',
      )
        .default({ kind: 'settled' }, 'settled')
        .argParser(parseGoal),
    )
    .addHelpText(
      'after',
      helpBelow('kubectl keyturn wait web --for revocation --timeout 2m', [
        'done',
        'failed',
        'usage',
        'notReached',
      ]),
    )
    .action((names: string[], flags: WaitFlags, self: Command) => {
      const selection = selectionOf(self, names, flags);
      return connected(flags, async (session) => {
        const report = new Report(terminal, flags.output);
        const applications = await select(session, selection);
        const targets = applications.map(({ metadata: { name } }) => ({ name, goal: flags.for }));
        await awaitGoals(session, targets, flags.timeout, (arrival) =>
          report.add(arrivalResult(arrival)),
        );
        return report.end();
      });
    });
  withOutput(withTimeout(withSelector(command)));
}
