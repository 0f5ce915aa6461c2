import { type Command, Option } from 'commander';
import type { Context } from '../context.ts';
import { EXIT } from '../failure.ts';
import { type Filters, passes } from '../filters.ts';
import { type SelectionFlags, withOutput } from '../flags.ts';
import { helpBelow } from '../help.ts';
import { parseSpan } from '../parse.ts';
import { document } from '../render/document.ts';
import { renderList } from '../render/list.ts';
import { withoutManagedFields } from '../render/manifest.ts';
import type { Session } from '../session.ts';
import type { Terminal } from '../terminal.ts';

interface ListFlags extends SelectionFlags, Filters {
  allNamespaces?: true;
}

export function defineList(program: Command, { terminal, connected }: Context): void {
  const command = program
    .command('list')
    .summary('list applications')
    .description('Lists applications; of several filters, each must let an application through.')
    .option('-A, --all-namespaces', 'of all namespaces')
    .option('-l, --selector <labels>', 'those that have these labels, as in team=shop')
    .option('--retained', 'those of which a previous client secret is valid')
    .option(
      '--overdue',
      'those of which one is valid that should have ended, or a rotation is late',
    )
    .option('--held', 'those of which a rotation is due but held')
    .addOption(
      new Option(
        '--expiring-within <duration>',
        'those whose previous client secret ends within this time',
      ).argParser(parseSpan),
    )
    .addHelpText(
      'after',
      helpBelow('kubectl keyturn list -A --expiring-within 7d', ['done', 'failed', 'usage']),
    )
    .action((flags: ListFlags) => connected(flags, (session) => list(session, terminal, flags)));
  withOutput(command);
}

async function list(session: Session, terminal: Terminal, flags: ListFlags): Promise<number> {
  const found = await session.applications.list({
    namespace: flags.allNamespaces ? undefined : session.namespace,
    labelSelector: flags.selector,
  });
  const now = session.now();
  const applications = found.filter((application) => passes(application, flags, now));
  if (flags.output !== undefined) {
    const items = applications.map(withoutManagedFields);
    terminal.out(document({ apiVersion: 'v1', kind: 'List', items }, flags.output));
  } else if (applications.length > 0) {
    const { paint } = terminal;
    terminal.out(
      renderList(applications, { withNamespace: flags.allNamespaces === true, now, paint }),
    );
  } else {
    const where = flags.allNamespaces ? '' : ` in namespace ${session.namespace}`;
    terminal.err(`No such OIDCApplication found${where}.\n`);
  }
  return EXIT.done;
}
