import { styleText } from 'node:util';

const indent = '   ';
const labelWidth = 44;

type Style = Parameters<typeof styleText>[0];

/** Colours text where standard output is a terminal and NO_COLOR is not set. */
function styled(style: Style, text: string): string {
  return styleText(style, text, { stream: process.stdout });
}

/** Prints lines as they are. */
export function print(...lines: readonly string[]): void {
  for (const line of lines) process.stdout.write(`${line}\n`);
}

export function printTitle(text: string): void {
  print(styled('bold', text), '');
}

/** Prints the head of a step, with one line that says what is about to be seen. */
export function printStep(number: number, title: string, explanation: string): void {
  print('', styled(['bold', 'cyan'], `${number}  ${title}`), `${indent}${explanation}`, '');
}

/** Prints what is about to be applied; a `+` marks the lines that `before` does not have. */
export function printManifest(lines: readonly string[], before: readonly string[]): void {
  for (const line of lines) {
    const isNew = !before.includes(line);
    print(isNew ? styled('green', `${indent}+ ${line}`) : `${indent}  ${line}`);
  }
}

/** Prints a command and what it answered. */
export function printCommand(command: string, output: string): void {
  print(styled('bold', `${indent}$ ${command}`));
  print(
    ...output
      .trimEnd()
      .split('\n')
      .map((line) => indent + line),
  );
}

/** Prints an observation and its verdict, with the moment (epoch milliseconds) in UTC. */
export function printVerdict(asExpected: boolean, label: string, found: string, at: number): void {
  const mark = asExpected ? styled('green', '✓') : styled('red', '✗');
  print(`${indent}${mark} ${label.padEnd(labelWidth)} ${found.padEnd(24)} ${timeOfDay(at)}`);
}

/** Shows that work is under way, then what came of it and how long it took. */
export async function printTask<T>(label: string, work: () => Promise<T>): Promise<T> {
  const { isTTY } = process.stdout;
  const started = performance.now();
  if (isTTY) process.stdout.write(`${indent}… ${label}`);
  try {
    const result = await work();
    const took = `${((performance.now() - started) / 1000).toFixed(1)} s`;
    if (isTTY) process.stdout.write('\r\x1b[K');
    print(`${indent}${styled('green', '✓')} ${label.padEnd(labelWidth + 19)} ${took}`);
    return result;
  } catch (error) {
    if (isTTY) process.stdout.write('\n');
    throw error;
  }
}

function timeOfDay(at: number): string {
  return new Date(at).toISOString().slice('yyyy-mm-ddT'.length);
}
