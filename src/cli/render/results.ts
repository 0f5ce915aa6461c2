import { escapedLines } from '../../api/printable.ts';
import { EXIT } from '../failure.ts';
import type { Field } from '../ownership.ts';
import type { Terminal } from '../terminal.ts';
import { document, type OutputFormat } from './document.ts';

/** The outcomes of a command for one application, and the exit code of each. */
const OUTCOMES = {
  /** Set; the operator has yet to act. */
  Requested: EXIT.done,
  /** Asked for before, and not done yet. */
  Underway: EXIT.done,
  Reached: EXIT.done,
  /** What is asked for holds. */
  NothingToDo: EXIT.done,
  Refused: EXIT.failed,
  Failed: EXIT.failed,
  AppliedElsewhere: EXIT.appliedElsewhere,
  NotReached: EXIT.notReached,
} as const;

/** How a command ended for one application. */
export interface Result {
  readonly name: string;
  readonly outcome: keyof typeof OUTCOMES;
  readonly message: string;
  /** What was set. */
  readonly fields?: readonly Field[];
}

/** Tells of results as they come, or of all at the end where a document was asked for. */
export class Report {
  readonly #terminal: Terminal;
  readonly #format: OutputFormat | undefined;
  readonly #results: Result[] = [];

  constructor(terminal: Terminal, format: OutputFormat | undefined) {
    this.#terminal = terminal;
    this.#format = format;
  }

  add(result: Result): void {
    this.#results.push(result);
    if (this.#format !== undefined) return;
    const { paint } = this.#terminal;
    const { name, outcome } = result;
    const message = escapedLines(result.message);
    if (OUTCOMES[outcome] === EXIT.done) this.#terminal.out(`${name}: ${message}\n`);
    else this.#terminal.err(`${paint('red', 'error:')} ${name}: ${message}\n`);
  }

  /** Ends the report; resolves to the exit code: where failures differ, the general one. */
  end(): number {
    if (this.#format !== undefined) {
      this.#terminal.out(document({ results: this.#results.map(plainly) }, this.#format));
    }
    const codes = new Set<number>(this.#results.map(({ outcome }) => OUTCOMES[outcome]));
    codes.delete(EXIT.done);
    const [code = EXIT.done, ...others] = codes;
    return others.length === 0 ? code : EXIT.failed;
  }
}

function plainly({ fields = [], ...result }: Result) {
  const set = fields.map(({ path, value }) => [path.join('.'), value]);
  return { ...result, ...(set.length > 0 && { set: Object.fromEntries(set) }) };
}
