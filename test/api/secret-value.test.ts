import { randomBytes } from 'node:crypto';
import { format, inspect } from 'node:util';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SecretValue } from '../../src/api/secret-value.ts';

const text = randomBytes(32).toString('base64url');
const value = SecretValue.fromText(text);
const base64 = Buffer.from(text).toString('base64');

test('it does not print itself', () => {
  const printed = [`${value}`, JSON.stringify({ value }), inspect({ value }), format('%s', value)];
  for (const line of printed) {
    expect(line).not.toContain(text);
    expect(line).not.toContain(base64);
  }
});

test('it is redacted in clear, in base64 and in base64 of a base64', () => {
  const twice = Buffer.from(base64).toString('base64');
  expect(value.redactFrom(`a ${text} b ${base64} c ${twice} d`)).toBe(
    'a [secret value] b [secret value] c [secret value] d',
  );
});

test('it is redacted in the base64 of a text that holds it, in clear or in base64, wherever', () => {
  for (const before of ['', '{', '{"']) {
    for (const held of [text, base64]) {
      const told = Buffer.from(`${before}${held}"}`).toString('base64');
      const redacted = value.redactFrom(`denied: ${told}`);
      const left = redacted.replace('denied: ', '').replaceAll('[secret value]', '');
      expect(left.length, redacted).toBeLessThan(12);
    }
  }
  const short = SecretValue.fromText('ab');
  expect(short.redactFrom('secrets "web" is forbidden')).toBe('secrets "web" is forbidden');
});

test('a piece of it that a message was cut off in, or quotes, is redacted too', () => {
  expect(value.redactFrom(`denied: ${text.slice(0, 20)}`)).toBe('denied: [secret value]');
  expect(value.redactFrom(`${base64.slice(20)}: denied`)).toBe('[secret value]: denied');
  expect(value.redactFrom(`denied: ${text.slice(5, 15)}…`)).toBe('denied: [secret value]…');
});

test('a short value is redacted as a whole', () => {
  expect(SecretValue.fromText('hunter2').redactFrom('it is hunter2, is it?')).toBe(
    'it is [secret value], is it?',
  );
  expect(SecretValue.fromText('').redactFrom('nothing to hide')).toBe('nothing to hide');
});

test('whatever stands around it: no piece of 12 characters is left, and other words stay', () => {
  const word = fc.constantFrom('secrets', 'web', 'forbidden', ':', 'ä€');
  const piece = fc
    .tuple(fc.nat(text.length), fc.nat(text.length))
    .map(([from, to]) => text.slice(from, to));
  fc.assert(
    fc.property(fc.array(fc.oneof(word, piece, fc.constant(text))), (parts) => {
      const redacted = value.redactFrom(parts.join(' '));
      for (let at = 0; at + 12 <= text.length; at += 1) {
        expect(redacted).not.toContain(text.slice(at, at + 12));
      }
    }),
  );
  expect(value.redactFrom('secrets "web" is forbidden')).toBe('secrets "web" is forbidden');
});
