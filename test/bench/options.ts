import { Command, InvalidArgumentError, Option } from 'commander';
import { PHASES, type Phase } from './report.ts';
import type { RunOptions } from './run.ts';

/** What the command line and the environment ask for. */
export interface BenchOptions
  extends Omit<RunOptions, 'applications' | 'group' | 'program' | 'progress'> {
  /** A run each. */
  readonly applications: readonly number[];
  /** Where the report goes: `<out>.md` and `<out>.json`. */
  readonly out: string;
}

/** Reads flags, then environment variables, then defaults. `--help` and a bad value end the process. */
export function parseOptions(argv: readonly string[]): BenchOptions {
  const number = (flags: string, description: string, variable: string, value: number) =>
    new Option(flags, description).env(variable).default(value).argParser(wholeNumber);
  return new Command('bench')
    .description('Measures the operator against a real API server, and a bare client beside it.')
    .allowExcessArguments(false)
    .addOption(
      new Option(
        '--applications <numbers>',
        'how many applications; several, with commas: a run each',
      )
        .env('N')
        .default([1_000, 10_000])
        .argParser((text) => text.split(',').map(wholeNumber)),
    )
    .addOption(number('--rounds <number>', 'rounds of bulk phases and restarts', 'ROUNDS', 3))
    .addOption(
      new Option('--phases <names>', 'what is measured, with commas')
        .env('PHASES')
        .default([...PHASES])
        .argParser(phaseList),
    )
    .addOption(number('--namespaces <number>', 'namespaces', 'NAMESPACES', 10))
    .addOption(
      number('--concurrency <number>', "the load generator's requests at once", 'CONCURRENCY', 20),
    )
    .addOption(number('--expiries <number>', 'secrets that expire', 'EXPIRIES', 200))
    .addOption(number('--revocations <number>', 'single revocations', 'REVOCATIONS', 100))
    .addOption(number('--idle-seconds <number>', 'how long idle', 'IDLE_SECONDS', 60))
    .addOption(
      new Option('--out <path>', 'the report, without .md and .json')
        .env('OUT')
        .default('dist/bench'),
    )
    .parse(argv, { from: 'user' })
    .opts<BenchOptions>();
}

function wholeNumber(text: string): number {
  if (!/^[1-9]\d{0,5}$/.test(text)) {
    throw new InvalidArgumentError('It must be a whole number from 1 to 999999.');
  }
  return Number(text);
}

function phaseList(text: string): Phase[] {
  const names = text.split(',');
  const unknown = names.find((name) => !PHASES.some((phase) => phase === name));
  if (unknown !== undefined) {
    throw new InvalidArgumentError(`"${unknown}" is none of ${PHASES.join(', ')}.`);
  }
  if (names.includes('revoke') && !names.includes('rotate')) {
    throw new InvalidArgumentError('revoke needs rotate, for something to revoke.');
  }
  return PHASES.filter((phase) => names.includes(phase));
}
