import { type Command, Option } from 'commander';
import { change } from '../change.ts';
import type { Context } from '../context.ts';
import { type ChangeFlags, changeOptions, selectionOf, withChange } from '../flags.ts';
import { CHANGE_EXITS, helpBelow } from '../help.ts';
import { parseRetention, parseTime } from '../parse.ts';
import { planRotation } from '../plans/rotate.ts';

interface RotateFlags extends ChangeFlags {
  retain?: string;
  at?: string;
}

export function defineRotate(program: Command, { terminal, connected }: Context): void {
  const command = program
    .command('rotate')
    .argument('[app...]', 'applications to rotate')
    .summary('replace the client secret, and retain the one before for a while')
    .description(
      'Sets spec.rotation.rotateAfter: a new client secret is issued, now or at a time to come, and ' +
        'the one before stays valid for a while.',
    )
    .addOption(
      new Option(
        '--retain <duration>',
        'how long: 1d, 7d, 30d, another duration, or none; left out: as spec says',
      ).argParser(parseRetention),
    )
    .addOption(new Option('--at <time>', 'when to rotate; left out: now').argParser(parseTime))
    .addHelpText('after', helpBelow('kubectl keyturn rotate web --retain 7d --wait', CHANGE_EXITS))
    .action((names: string[], flags: RotateFlags, self: Command) => {
      const selection = selectionOf(self, names, flags);
      const options = changeOptions(self, flags);
      return connected(flags, (session) =>
        change(session, terminal, selection, options, (application, now) =>
          planRotation(application, flags, now),
        ),
      );
    });
  withChange(command);
}
