import { mkdirSync, openSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

/** What happened, as lines of JSON without any value of a Secret, in a file and in memory. */
export class Trace {
  readonly path: string;
  readonly #startedAt = performance.now();
  readonly #file: number;
  readonly #steps: string[] = [];

  constructor(path: string) {
    this.path = path;
    mkdirSync(dirname(path), { recursive: true });
    this.#file = openSync(path, 'w');
  }

  write(what: string, entry: Readonly<Record<string, unknown>>): void {
    const seconds = Number(((performance.now() - this.#startedAt) / 1000).toFixed(3));
    const line = JSON.stringify({ at: seconds, what, ...entry }, (_, value: unknown) =>
      typeof value === 'bigint' ? Number(value) : value,
    );
    if (what === 'step') this.#steps.push(line);
    writeSync(this.#file, `${line}\n`);
  }

  /** The steps so far, the last `count` of them. */
  steps(count: number): string {
    return this.#steps.slice(-count).join('\n');
  }
}
