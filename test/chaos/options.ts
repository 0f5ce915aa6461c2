import { Command, InvalidArgumentError, Option } from 'commander';

export interface ChaosOptions {
  readonly seed: number;
  readonly seconds: number;
  readonly rounds: number;
  /** Where the trace goes. */
  readonly out: string;
}

/** Reads flags, then environment variables, then defaults. `--help` and a bad value end the process. */
export function parseOptions(argv: readonly string[]): ChaosOptions {
  const number = (flags: string, description: string, variable: string, value: number) =>
    new Option(flags, description).env(variable).default(value).argParser(wholeNumber);
  return new Command('chaos')
    .description('Lets everything go wrong, and checks what the operator makes of it.')
    .allowExcessArguments(false)
    .addOption(number('--seed <number>', 'what happens follows from it', 'SEED', randomSeed()))
    .addOption(number('--seconds <number>', 'no round begins later', 'SECONDS', 600))
    .addOption(number('--rounds <number>', 'no more rounds', 'ROUNDS', 999_999_999))
    .addOption(
      new Option('--out <folder>', 'where the trace goes').env('OUT').default('dist/chaos'),
    )
    .parse(argv, { from: 'user' })
    .opts<ChaosOptions>();
}

function randomSeed(): number {
  return Math.floor(Math.random() * 1_000_000_000);
}

function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) {
    throw new InvalidArgumentError('It must be a whole number up to 999999999.');
  }
  return Number(text);
}
