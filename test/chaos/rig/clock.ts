import { openSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** Clocks that differ by so little are taken for the same. */
const SMALL_MS = 25_000;

/** The clocks of the replicas and of the API server, as they see them: machine time and more. */
export class Clocks {
  readonly #files: readonly { readonly path: string; readonly descriptor: number }[];
  readonly #errors: number[];
  #elapsed = 0;

  /** Writes a file for each replica into `directory`. */
  constructor(directory: string, replicas: number) {
    this.#files = Array.from({ length: replicas }, (_, index) => {
      const path = join(directory, `clock-${index}`);
      return { path, descriptor: openSync(path, 'w', 0o600) };
    });
    this.#errors = this.#files.map(() => 0);
    this.#write();
  }

  /** The file that tells replica `index` how far its clock is from the machine's. */
  fileOf(index: number): string {
    return this.#files[index]?.path ?? '';
  }

  /** The true time: the API server's. */
  now(): number {
    return Date.now() + this.#elapsed;
  }

  /** Makes of the machine's time what the API server's clock shows then. */
  trueTime(machine: number): number {
    return machine + this.#elapsed;
  }

  /** Time passes for all. */
  advance(ms: number): void {
    this.#elapsed += ms;
    this.#write();
  }

  /** Sets the clock of one replica wrong by `ms`. */
  setError(index: number, ms: number): void {
    this.#errors[index] = ms;
    this.#write();
  }

  /** Sets right the clocks that nobody trusts; small errors stay. */
  settle(): void {
    for (const [index, error] of this.#errors.entries()) {
      if (Math.abs(error) > SMALL_MS) this.#errors[index] = 0;
    }
    this.#write();
  }

  #write(): void {
    for (const [index, { descriptor }] of this.#files.entries()) {
      const offset = new Float64Array([this.#elapsed + (this.#errors[index] ?? 0)]);
      writeSync(descriptor, new Uint8Array(offset.buffer), 0, 8, 0);
    }
  }
}
