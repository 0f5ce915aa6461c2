import type { Command } from 'commander';
import type { Application } from '../application.ts';
import type { Context } from '../context.ts';
import { recentEvents } from '../events.ts';
import { EXIT, explain } from '../failure.ts';
import { type OutputFlags, withOutput } from '../flags.ts';
import { helpBelow } from '../help.ts';
import { document } from '../render/document.ts';
import { withoutManagedFields } from '../render/manifest.ts';
import { renderStatus, type ShownEvents } from '../render/status.ts';
import { select } from '../select.ts';
import type { Session } from '../session.ts';
import type { Terminal } from '../terminal.ts';

export function defineStatus(program: Command, { terminal, connected }: Context): void {
  const command = program
    .command('status')
    .argument('<app...>', 'applications to show')
    .summary('show the current and the previous client secret, conditions and events')
    .description(
      'Shows which client secrets are valid and until when, the conditions and the last events. ' +
        'Values are never shown, nor read.',
    )
    .addHelpText('after', helpBelow('kubectl keyturn status web', ['done', 'failed', 'usage']))
    .action((names: string[], flags: OutputFlags) =>
      connected(flags, (session) => status(session, terminal, names, flags)),
    );
  withOutput(command);
}

async function status(
  session: Session,
  terminal: Terminal,
  names: readonly string[],
  { output }: OutputFlags,
): Promise<number> {
  const applications = await select(session, { names });
  if (output === undefined) {
    const { paint } = terminal;
    const pages: string[] = [];
    for (const application of applications) {
      const events = await eventsOf(session, application);
      pages.push(renderStatus(application, events, { now: session.now(), paint }));
    }
    terminal.out(pages.join('\n'));
  } else {
    const items = applications.map(withoutManagedFields);
    const list = { apiVersion: 'v1', kind: 'List', items };
    terminal.out(document(items.length === 1 ? items[0] : list, output));
  }
  return EXIT.done;
}

/** Events are a help to read: without the right to see them, the rest is shown. */
async function eventsOf(session: Session, { metadata }: Application): Promise<ShownEvents> {
  try {
    return await recentEvents(session.events, metadata);
  } catch (error) {
    return { unavailable: explain(error) };
  }
}
