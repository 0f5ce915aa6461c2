import { expect, test } from 'vitest';
import { parseGoal, parseRetention, parseSpan, parseTime } from '../../src/cli/parse.ts';
import { DAY, MINUTE } from './applications.ts';

test.for<[string, number]>([
  ['30s', 30_000],
  ['1h30m', 90 * MINUTE],
  ['7d', 7 * DAY],
  ['0s', 0],
])('%s is a duration', ([text, expected]) => {
  expect(parseSpan(text)).toBe(expected);
});

test.for(['', '5', '1.5h', '1w', '1d12h', '-1h', '1000d'])('"%s" is no duration', (text) => {
  expect(() => parseSpan(text)).toThrow('duration');
});

test.for<[string, string]>([
  ['none', '0s'],
  ['0s', '0s'],
  ['1m', '1m'],
  ['1d', '24h'],
  ['7d', '168h'],
  ['30d', '720h'],
  ['90m', '1h30m'],
])('--retain %s is %s in spec', ([text, expected]) => {
  expect(parseRetention(text)).toBe(expected);
});

test.for(['59s', '31d', '720h1s', 'never'])('--retain %s is refused', (text) => {
  expect(() => parseRetention(text)).toThrow('It must be');
});

test('a time is spelt in UTC with milliseconds', () => {
  expect(parseTime('2026-06-01T14:00:00+02:00')).toBe('2026-06-01T12:00:00.000Z');
  expect(() => parseTime('tomorrow')).toThrow('2026-11-24T10:00:00Z');
});

test.for<[string, object]>([
  ['settled', { kind: 'settled' }],
  ['rotation', { kind: 'rotation' }],
  ['revocation', { kind: 'revocation' }],
  ['condition=Ready', { kind: 'condition', type: 'Ready', status: 'True' }],
  ['condition=rotationheld=False', { kind: 'condition', type: 'RotationHeld', status: 'False' }],
  [
    'condition=PreviousSecretRetained=false',
    { kind: 'condition', type: 'PreviousSecretRetained', status: 'false' },
  ],
])('--for %s', ([text, expected]) => {
  expect(parseGoal(text)).toEqual(expected);
});

test.for(['', 'Rotation', 'condition', 'condition=', 'condition=Ready=maybe', 'delete'])(
  '--for "%s" is refused',
  (text) => {
    expect(() => parseGoal(text)).toThrow('condition=TYPE');
  },
);

test('a condition that there is none of is refused: it would count as False', () => {
  expect(() => parseGoal('condition=PreviousSecretRetaned=False')).toThrow('RotationHeld, Stalled');
});
