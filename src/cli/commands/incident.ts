import { type Command, Option } from 'commander';
import { parseTimestamp } from '../../api/timestamp.ts';
import { change } from '../change.ts';
import type { Context } from '../context.ts';
import { type ChangeFlags, changeOptions, selectionOf, withChange } from '../flags.ts';
import { CHANGE_EXITS, helpBelow } from '../help.ts';
import { parseTime } from '../parse.ts';
import { planIncident } from '../plans/incident.ts';

interface IncidentFlags extends ChangeFlags {
  leakedAt?: string;
}

export function defineIncident(program: Command, { terminal, connected }: Context): void {
  const command = program
    .command('incident')
    .argument('[app...]', 'applications whose secret leaked')
    .summary('answer a leak: replace the client secret at once, and retain nothing')
    .description(
      'Sets spec.revokeIssuedBefore: every client secret issued before the leak ends, the current ' +
        'one included, which is replaced. It cannot be undone, and consumers fail until they have ' +
        'read the new one.',
    )
    .addOption(
      new Option(
        '--leaked-at <time>',
        'when it leaked: a secret issued since is left alone; left out: now',
      ).argParser(parseTime),
    )
    .addHelpText('after', helpBelow('kubectl keyturn incident web --wait', CHANGE_EXITS))
    .action((names: string[], flags: IncidentFlags, self: Command) => {
      const selection = selectionOf(self, names, flags);
      const options = changeOptions(self, flags);
      return connected(flags, (session) =>
        change(session, terminal, selection, options, (application, now) =>
          isAhead(flags.leakedAt, now)
            ? { kind: 'refused', message: '--leaked-at lies in the future.' }
            : planIncident(application, flags, now),
        ),
      );
    });
  withChange(command);
}

function isAhead(time: string | undefined, now: number): boolean {
  return (parseTimestamp(time ?? '') ?? 0) > now;
}
