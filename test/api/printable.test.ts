import { expect, test } from 'vitest';
import { escaped, escapedJSON, escapedLines } from '../../src/api/printable.ts';

test.for([
  ['a new line', 'a\nb', 'a\\nb'],
  ['a carriage return', 'a\rb', 'a\\u000db'],
  ['the escape character', '\u001b[2J', '\\u001b[2J'],
  ['delete', 'a\u007fb', 'a\\u007fb'],
  ['a control sequence in one character', '\u009b2J', '\\u009b2J'],
  ['a new line of C1', 'a\u0085b', 'a\\u0085b'],
  ['separators of lines and paragraphs', 'a\u2028b\u2029c', 'a\\u2028b\\u2029c'],
  ['an override of direction', 'a\u202eb', 'a\\u202eb'],
  ['isolates', '\u2066a\u2069', '\\u2066a\\u2069'],
  ['what has no width', 'a\u200bb\ufeffc', 'a\\u200bb\\ufeffc'],
  ['a tag beyond the basic plane', 'a\u{e0041}b', 'a\\udb40\\udc41b'],
] as const)('%s is escaped', ([, text, expected]) => {
  expect(escaped(text)).toBe(expected);
});

test('letters of any language, marks and signs stay as they are', () => {
  const text = 'Läden & Co., דוגמה, 例, é, €, 🔑 "\\';
  expect(escaped(text)).toBe(text);
});

test('of a text of several lines, the lines stay', () => {
  expect(escapedLines('first\u009b2J\nsecond')).toBe('first\\u009b2J\nsecond');
});

test('JSON means the same as before, and holds none of these characters', () => {
  const value = { 'k\u202ey': ['\u001b\u007f\u009b\u2028\u{e0041}"\\', 'ä'] };
  const json = escapedJSON(JSON.stringify(value));
  expect(json).toMatch(/^[ -~ä]+$/);
  expect(JSON.parse(json)).toEqual(value);
});
