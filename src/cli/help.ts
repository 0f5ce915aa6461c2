import { EXIT } from './failure.ts';

const MEANINGS: Readonly<Record<keyof typeof EXIT, string>> = {
  done: 'done, or there was nothing to do',
  failed: 'failed, for at least one application',
  usage: 'the command line is wrong',
  notConfirmed: 'not confirmed: nothing was changed',
  notReached: 'waited for, but not reached',
  appliedElsewhere: 'nothing was set: another field manager applies the field',
};

/** What `--help` says below the flags. */
export function helpBelow(example: string, exits: readonly (keyof typeof EXIT)[]): string {
  const codes = exits.map((exit) => `  ${EXIT[exit]}  ${MEANINGS[exit]}`);
  return ['', 'Example:', `  ${example}`, '', 'Exit codes:', ...codes].join('\n');
}

/** The ways in which a command that changes spec can end. */
export const CHANGE_EXITS = [
  'done',
  'failed',
  'usage',
  'notConfirmed',
  'notReached',
  'appliedElsewhere',
] as const;
