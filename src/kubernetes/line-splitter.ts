const NEWLINE = 0x0a;

/**
 * Cuts a byte stream into lines and decodes each whole line once, so that a character split
 * between chunks comes out whole. Empty lines are skipped.
 */
export class LineSplitter {
  readonly #maxBytes: number;
  readonly #onLine: (line: string) => void;
  #parts: Uint8Array[] = [];
  #pending = 0;

  constructor(maxBytes: number, onLine: (line: string) => void) {
    this.#maxBytes = maxBytes;
    this.#onLine = onLine;
  }

  /** Takes a chunk. Throws RangeError on a line of more than `maxBytes`, and what `onLine` throws. */
  push(chunk: Uint8Array): void {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    let start = 0;
    for (;;) {
      const end = bytes.indexOf(NEWLINE, start);
      if (end === -1) break;
      this.#check(end - start);
      if (this.#pending > 0) {
        this.#parts.push(bytes.subarray(start, end));
        const line = Buffer.concat(this.#parts);
        this.#parts = [];
        this.#pending = 0;
        this.#onLine(line.toString('utf8'));
      } else if (end > start) {
        this.#onLine(bytes.toString('utf8', start, end));
      }
      start = end + 1;
    }
    if (start === bytes.length) return;
    this.#check(bytes.length - start);
    this.#parts.push(bytes.subarray(start));
    this.#pending += bytes.length - start;
  }

  #check(added: number): void {
    if (this.#pending + added > this.#maxBytes) {
      throw new RangeError(`a line of more than ${this.#maxBytes} bytes`);
    }
  }
}
