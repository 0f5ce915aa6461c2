import { gzipSync } from 'node:zlib';

export interface ArchivedFile {
  readonly name: string;
  readonly content: Buffer;
  readonly mode: number;
}

const BLOCK = 512;
// Of the header of gzip (RFC 1952).
const OPERATING_SYSTEM = 9;
const UNKNOWN = 255;

/** A tar archive, gzipped, that is the same for the same files: no times, no owners, no system. */
export function archive(files: readonly ArchivedFile[]): Buffer {
  const blocks = files.flatMap((file) => [header(file), padded(file.content)]);
  const zipped = gzipSync(Buffer.concat([...blocks, Buffer.alloc(2 * BLOCK)]), { level: 9 });
  zipped[OPERATING_SYSTEM] = UNKNOWN;
  return zipped;
}

/** The header of the ustar format (POSIX.1-1988). */
function header({ name, content, mode }: ArchivedFile): Buffer {
  const block = Buffer.alloc(BLOCK);
  const octal = (value: number, length: number) => value.toString(8).padStart(length - 1, '0');
  block.write(name, 0, 100);
  block.write(octal(mode, 8), 100);
  block.write(octal(0, 8), 108);
  block.write(octal(0, 8), 116);
  block.write(octal(content.length, 12), 124);
  block.write(octal(0, 12), 136);
  block.write('        ', 148);
  block.write('0', 156);
  block.write('ustar\u000000', 257);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${octal(sum, 7)}\u0000 `, 148);
  return block;
}

function padded(content: Buffer): Buffer {
  const length = Math.ceil(content.length / BLOCK) * BLOCK;
  return Buffer.concat([content, Buffer.alloc(length - content.length)]);
}
