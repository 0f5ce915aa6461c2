import { createInterface } from 'node:readline/promises';
import { styleText } from 'node:util';

type Style = 'bold' | 'dim' | 'red' | 'yellow' | 'green';

/** Colours a text, or leaves it as it is where nobody would see colours. */
export type Paint = (style: Style, text: string) => string;

/** Where a command writes to and whom it can ask. */
export interface Terminal {
  out(text: string): void;
  err(text: string): void;
  readonly paint: Paint;
  /** Asks whoever sits there; undefined where nobody does. */
  readonly ask: ((question: string) => Promise<string>) | undefined;
}

export const plain: Paint = (_, text) => text;

export function processTerminal({ stdin, stdout, stderr, env }: NodeJS.Process): Terminal {
  // Both, since warnings in a file must not be coloured either.
  const isShown = stdout.isTTY === true && stderr.isTTY === true;
  const coloured = isShown && !env['NO_COLOR'] && env['TERM'] !== 'dumb';
  return {
    out: (text) => stdout.write(text),
    err: (text) => stderr.write(text),
    paint: coloured ? (style, text) => styleText(style, text, { validateStream: false }) : plain,
    ask:
      stdin.isTTY === true && stderr.isTTY === true
        ? (question) => askOn(stdin, stderr, question)
        : undefined,
  };
}

/** The answer; empty where Ctrl-C or Ctrl-D is the answer. */
async function askOn(
  input: NodeJS.ReadStream,
  output: NodeJS.WriteStream,
  question: string,
): Promise<string> {
  const lines = createInterface({ input, output });
  const closed = new Promise<string>((resolve) => lines.once('close', () => resolve('')));
  try {
    return await Promise.race([lines.question(question), closed]);
  } finally {
    lines.close();
  }
}
