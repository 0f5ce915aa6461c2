import { expect, test } from 'vitest';
import { age, moment, relative, span } from '../../src/cli/render/time.ts';
import { at, DAY, HOUR, MINUTE, NOW, SECOND } from './applications.ts';

test.for<[number, string]>([
  [0, '0s'],
  [999, '0s'],
  [-5 * SECOND, '0s'],
  [59 * SECOND, '59s'],
  [MINUTE, '1m'],
  [12 * MINUTE + 5 * SECOND, '12m5s'],
  [HOUR - 1, '59m59s'],
  [HOUR, '1h'],
  [HOUR + 30 * SECOND, '1h'],
  [23 * HOUR + 59 * MINUTE, '23h59m'],
  [DAY, '1d'],
  [DAY + 5 * MINUTE, '1d'],
  [31 * DAY + 4 * HOUR + MINUTE, '31d4h'],
])('%d ms are %s', ([ms, expected]) => {
  expect(span(ms)).toBe(expected);
});

test('a moment is told with where it lies', () => {
  expect(relative(NOW, NOW)).toBe('0s ago');
  expect(relative(NOW + HOUR, NOW)).toBe('in 1h');
  expect(moment(at(-2 * HOUR), NOW)).toBe('2026-06-01T10:00:00.000Z (2h ago)');
  expect(moment('soon', NOW)).toBe('soon');
});

test('an age is empty where there is no time', () => {
  expect(age(at(-DAY), NOW)).toBe('1d');
  expect(age(undefined, NOW)).toBe('');
});
