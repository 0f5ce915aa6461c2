import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LineSplitter } from '../../src/kubernetes/line-splitter.ts';

function split(chunks: readonly Uint8Array[], maxBytes = 1000): string[] {
  const lines: string[] = [];
  const splitter = new LineSplitter(maxBytes, (line) => lines.push(line));
  for (const chunk of chunks) splitter.push(chunk);
  return lines;
}

test('lines come out whole wherever the stream is cut, also inside a character', () => {
  const line = fc.string({ unit: 'grapheme', minLength: 1 }).filter((text) => !text.includes('\n'));
  fc.assert(
    fc.property(fc.array(line), fc.array(fc.nat(), { maxLength: 20 }), (lines, cuts) => {
      const bytes = Buffer.from(lines.map((text) => `${text}\n`).join(''));
      const places = cuts.map((cut) => cut % (bytes.length + 1)).toSorted((a, b) => a - b);
      const chunks = [0, ...places].map((from, i) => bytes.subarray(from, places[i]));
      expect(split(chunks)).toEqual(lines.map((text) => text.toWellFormed()));
    }),
  );
});

test('empty lines are skipped and an unfinished one is not handed out', () => {
  expect(split([Buffer.from('\n\na\n\nb')])).toEqual(['a']);
});

test('a line that grows too long is refused before it is held whole', () => {
  expect(() => split([Buffer.alloc(6, 'x'), Buffer.alloc(6, 'x')], 10)).toThrow(RangeError);
  expect(() => split([Buffer.alloc(11, 'x')], 10)).toThrow(RangeError);
  expect(split([Buffer.from('0123456789\n')], 10)).toEqual(['0123456789']);
});
