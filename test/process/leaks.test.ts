import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { leaksIn } from './leaks.ts';

const clear = randomBytes(32).toString('base64url');
const base64 = Buffer.from(clear).toString('base64');
const other = randomBytes(32).toString('base64');

test.for<[string, string]>([
  ['in clear', clear],
  ['in base64', base64],
  ['in base64 twice', Buffer.from(base64).toString('base64')],
  ['by its first 12 characters', clear.slice(0, 12)],
  ['by the first 12 characters of its base64', base64.slice(0, 12)],
  ['by a piece of it', clear.slice(20, 32)],
])('a value is found %s', ([, spelling]) => {
  const text = `${'-'.repeat(1000)}"${spelling}"${'-'.repeat(1000)}`;
  expect(leaksIn(text, [other, base64])).toEqual([base64]);
});

test('a value that is not there is not found', () => {
  expect(leaksIn(`secrets "web" is forbidden: ${clear.slice(0, 11)}`, [base64])).toEqual([]);
});

test('a short value is looked for as a whole', () => {
  const short = Buffer.from('hunter2').toString('base64');
  expect(leaksIn('it is hunter2', [short])).toEqual([short]);
  expect(leaksIn('it is hunter', [short])).toEqual([]);
});
