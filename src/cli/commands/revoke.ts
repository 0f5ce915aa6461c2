import type { Command } from 'commander';
import { change } from '../change.ts';
import type { Context } from '../context.ts';
import { type ChangeFlags, changeOptions, selectionOf, withChange } from '../flags.ts';
import { CHANGE_EXITS, helpBelow } from '../help.ts';
import { planRevocation } from '../plans/revoke.ts';

export function defineRevoke(program: Command, { terminal, connected }: Context): void {
  const command = program
    .command('revoke')
    .argument('[app...]', 'applications to revoke it of')
    .summary('end the previous client secret before its time')
    .description(
      'Sets spec.revokeRetiredBefore to the present time: the previous client secret ends, which ' +
        'cannot be undone. The statement can stay: it never touches a secret that is replaced later.',
    )
    .addHelpText('after', helpBelow('kubectl keyturn revoke web --wait', CHANGE_EXITS))
    .action((names: string[], flags: ChangeFlags, self: Command) => {
      const selection = selectionOf(self, names, flags);
      const options = changeOptions(self, flags);
      return connected(flags, (session) =>
        change(session, terminal, selection, options, planRevocation),
      );
    });
  withChange(command);
}
