import { type Command, Option } from 'commander';
import type { ChangeOptions } from './change.ts';
import { parseNamespace, parseSpan } from './parse.ts';
import { OUTPUT_FORMATS, type OutputFormat } from './render/document.ts';
import type { Selection } from './select.ts';
import type { ConnectionFlags } from './session.ts';

export interface OutputFlags extends ConnectionFlags {
  output: OutputFormat | undefined;
}

export interface SelectionFlags extends OutputFlags {
  selector: string | undefined;
}

export interface ChangeFlags extends SelectionFlags {
  wait?: true;
  timeout: number;
  dryRun: 'none' | 'server';
  forceConflicts?: true;
  yes?: true;
}

const DEFAULT_TIMEOUT_MS = 5 * 60_000;

/** Which API server to ask, and as whom: kubectl's own flags. */
function withConnection(command: Command): Command {
  return command
    .optionsGroup('Connection:')
    .addOption(
      new Option('-n, --namespace <name>', "namespace; left out: the context's").argParser(
        parseNamespace,
      ),
    )
    .option('--context <name>', 'context of the kubeconfig; left out: its current one')
    .addOption(new Option('--kubeconfig <file>', 'kubeconfig to connect with').env('KUBECONFIG'))
    .option('--as <user>', 'user to impersonate')
    .addOption(
      new Option('--request-timeout <duration>', 'how long to wait for one answer').argParser(
        parseSpan,
      ),
    );
}

/** The flags of every command that asks the API server. */
export function withOutput(command: Command): Command {
  const formatted = command.addOption(
    new Option('-o, --output <format>', 'left out: for people to read').choices(OUTPUT_FORMATS),
  );
  return withConnection(formatted);
}

export function withSelector(command: Command): Command {
  return command.option(
    '-l, --selector <labels>',
    'label selector in place of names, as in team=shop',
  );
}

export function withTimeout(command: Command): Command {
  return command.addOption(
    new Option('--timeout <duration>', 'how long to wait at most')
      .default(DEFAULT_TIMEOUT_MS, '5m')
      .argParser(parseSpan),
  );
}

/** The flags of the commands that change spec. */
export function withChange(command: Command): Command {
  command
    .option('--wait', 'wait until it is done')
    .option('-y, --yes', 'consent beforehand to what cannot be undone')
    .option('--force-conflicts', 'set also what another field manager applies')
    .addOption(
      new Option('--dry-run <how>', 'server: have it checked, change nothing')
        .choices(['none', 'server'])
        .default('none'),
    );
  return withOutput(withTimeout(withSelector(command)));
}

/** What a command that changes spec does beside planning. */
export function changeOptions(command: Command, flags: ChangeFlags): ChangeOptions {
  const dryRun = flags.dryRun === 'server';
  if (dryRun && flags.wait) command.error('error: with --dry-run there is nothing to --wait for.');
  const { wait = false, yes = false, forceConflicts = false, timeout: timeoutMs, output } = flags;
  return { wait, yes, forceConflicts, dryRun, timeoutMs, output };
}

/** Names or a selector, not both: what the one leaves out must not come in by the other. */
export function selectionOf(
  command: Command,
  names: readonly string[],
  { selector }: SelectionFlags,
): Selection {
  if (names.length > 0 === (selector !== undefined)) {
    command.error('error: name applications, or select them with --selector, one of the two.');
  }
  // It would select all, as where a variable of a script is not set.
  if (selector?.trim() === '') command.error('error: --selector is empty.');
  return { names, selector };
}
