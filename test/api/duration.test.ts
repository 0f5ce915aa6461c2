import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatDuration, parseDuration } from '../../src/api/duration.ts';
import { DURATION_PATTERN } from '../../src/api/oidcapplication.gen.ts';

const pattern = new RegExp(DURATION_PATTERN);

test.for([
  ['0s', 0],
  ['45s', 45_000],
  ['90m', 5_400_000],
  ['24h', 86_400_000],
  ['1h30m', 5_400_000],
  ['24h0m0s', 86_400_000],
  ['1h5s', 3_605_000],
  ['31536000s', 31_536_000_000],
  ['007h', 25_200_000],
] as const)('reads %s as %d ms', ([text, ms]) => {
  expect(parseDuration(text)).toBe(ms);
});

test.for([
  ...['', '0', '10', 'h', '1d', '1w', '30 m', ' 1h', '1h ', '1h\n', '1H', '1.5h', '.5h', '-1h'],
  ...[
    '+1h',
    '1m1h',
    '1h1h',
    '5ms',
    '1µs',
    'PT1H',
    '10000h',
    '1000000m',
    '100000000s',
    '१h',
    '1e3s',
  ],
])('does not read %j', (text) => {
  expect(parseDuration(text)).toBeUndefined();
});

const unit = fc.constantFrom('h', 'm', 's', 'd', 'ms', 'H', '');
const digits = fc.string({ unit: fc.constantFrom(...'0123456789'), minLength: 0, maxLength: 9 });
const segment = fc.tuple(digits, unit).map(([count, name]) => count + name);
const inOrder = fc
  .tuple(...[4, 6, 8].map((maxLength) => fc.option(fc.stringMatching(/^[0-9]+$/, { maxLength }))))
  .map((counts) =>
    counts.map((count, at) => (count ? `${count}${'hms'.charAt(at)}` : '')).join(''),
  );
const nearTheLanguage = fc.oneof(
  inOrder,
  fc.array(segment, { maxLength: 4 }).map((segments) => segments.join('')),
  fc.string({ unit: fc.constantFrom(...'0159hmsd .+-\n'), maxLength: 12 }),
  fc.string(),
);

test('reads what the CRD admits, and nothing else', () => {
  fc.assert(
    fc.property(nearTheLanguage, (text) => {
      expect(parseDuration(text) !== undefined).toBe(pattern.test(text));
    }),
    { numRuns: 5_000 },
  );
});

test('agrees with the sum of its segments, as Go computes it', () => {
  const seconds: Record<string, number> = { h: 3_600, m: 60, s: 1 };
  fc.assert(
    fc.property(fc.stringMatching(pattern), (text) => {
      const segments = text.match(/[0-9]+[hms]/g) ?? [];
      const sum = segments.reduce(
        (total, part) => total + Number.parseInt(part, 10) * (seconds[part.slice(-1)] ?? 0),
        0,
      );
      expect(parseDuration(text)).toBe(sum * 1000);
    }),
    { numRuns: 2_000 },
  );
});

describe('formatDuration', () => {
  test.for([
    [0, '0s'],
    [45_000, '45s'],
    [5_400_000, '1h30m'],
    [86_400_000, '24h'],
    [3_605_000, '1h5s'],
    [400, '0s'],
    [59_600, '1m'],
    [2_592_000_000, '720h'],
  ] as const)('writes %d ms as %s', ([ms, text]) => {
    expect(formatDuration(ms)).toBe(text);
  });

  test('is read back', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 9_999 * 3_600 }), (seconds) => {
        expect(parseDuration(formatDuration(seconds * 1000))).toBe(seconds * 1000);
      }),
    );
  });
});
