import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../..');

/** A file that is generated, in whole or in part. */
export interface Output {
  /** From the root of the repository. */
  readonly path: string;
  /** What the file must hold. */
  readonly content: () => string;
}

export function pathOf(file: string): string {
  return join(root, file);
}

export function read(file: string): string {
  return readFileSync(pathOf(file), 'utf8');
}
