import fc from 'fast-check';
import { expect, test } from 'vitest';
import { TIMESTAMP_PATTERN } from '../../src/api/oidcapplication.gen.ts';
import { formatTimestamp, parseTimestamp } from '../../src/api/timestamp.ts';

const pattern = new RegExp(TIMESTAMP_PATTERN);

test.for([
  ['2026-11-24T10:00:00Z', '2026-11-24T10:00:00.000Z'],
  ['2026-11-24T10:00:00.5Z', '2026-11-24T10:00:00.500Z'],
  ['2026-11-24T10:00:00.123999999Z', '2026-11-24T10:00:00.123Z'],
  ['2026-11-24T12:00:00+02:00', '2026-11-24T10:00:00.000Z'],
  ['2026-11-24T00:30:00+14:00', '2026-11-23T10:30:00.000Z'],
  ['2026-12-31T23:30:00-05:45', '2027-01-01T05:15:00.000Z'],
  ['2026-11-24T10:00:00-00:00', '2026-11-24T10:00:00.000Z'],
  ['2028-02-29T00:00:00Z', '2028-02-29T00:00:00.000Z'],
  ['1969-12-31T23:59:59.999Z', '1969-12-31T23:59:59.999Z'],
  ['1000-01-01T00:00:00Z', '1000-01-01T00:00:00.000Z'],
] as const)('reads %s as %s', ([text, utc]) => {
  expect(parseTimestamp(text)).toBe(Date.parse(utc));
});

test.for([
  ...['', 'tomorrow', '2026-11-24', '2026-11-24T10:00Z', '2026-11-24T10:00:00', '1764000000'],
  ...['2026-11-24 10:00:00Z', '2026-11-24t10:00:00Z', '2026-11-24T10:00:00z'],
  ...['2026-11-24T10:00:00Z\n', ' 2026-11-24T10:00:00Z', '2026-11-24T10:00:00.Z'],
  ...['2026-11-24T10:00:00,5Z', '2026-11-24T10:00:00.1234567890Z', '2026-11-24T10:00:00+0200'],
  ...['2026-11-24T10:00:00+24:00', '2026-11-24T10:00:00+15:00', '2026-11-24T10:00:00+02:60'],
  ...['2026-02-31T10:00:00Z', '2026-02-29T10:00:00Z', '1900-02-29T10:00:00Z'],
  ...['2026-04-31T10:00:00Z', '2026-13-01T10:00:00Z', '2026-00-01T10:00:00Z'],
  ...['2026-01-00T10:00:00Z', '2026-11-24T24:00:00Z', '2026-11-24T10:60:00Z'],
  ...['2026-11-24T10:00:60Z', '0001-01-01T00:00:00Z', '9999-12-31T23:59:59Z', '26-11-24T10:00:00Z'],
])('does not read %j', (text) => {
  expect(parseTimestamp(text)).toBeUndefined();
});

const DAYS_OF_MONTH = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

function dayExists(text: string): boolean {
  const [year = 0, month = 0, day = 0] = text.slice(0, 10).split('-').map(Number);
  const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  return day <= (month === 2 && leap ? 29 : (DAYS_OF_MONTH[month - 1] ?? 0));
}

const sample = '2026-11-24T10:00:00.25+02:00';
/** One or two characters of a good time replaced, inserted or removed. */
const damaged = fc
  .array(
    fc.record({
      at: fc.nat(sample.length),
      remove: fc.nat(2),
      insert: fc.string({ unit: fc.constantFrom(...'0123456789TZtz:+-. \n'), maxLength: 2 }),
    }),
    { minLength: 1, maxLength: 2 },
  )
  .map((edits) =>
    edits.reduce(
      (text, { at, remove, insert }) => text.slice(0, at) + insert + text.slice(at + remove),
      sample,
    ),
  );

test('reads what the CRD admits, and nothing else', () => {
  fc.assert(
    fc.property(fc.oneof(fc.stringMatching(pattern), damaged, fc.string()), (text) => {
      const admitted = pattern.test(text) && dayExists(text);
      expect(parseTimestamp(text) !== undefined).toBe(admitted);
    }),
    { numRuns: 5_000 },
  );
});

test('agrees with Date on what it reads', () => {
  fc.assert(
    fc.property(fc.stringMatching(pattern).filter(dayExists), (text) => {
      const inMillis = text.replace(/([.][0-9]{1,3})[0-9]*/, '$1');
      expect(parseTimestamp(text)).toBe(Date.parse(inMillis));
    }),
    { numRuns: 2_000 },
  );
});

test('writes UTC with milliseconds, which is admitted and read back', () => {
  expect(formatTimestamp(Date.UTC(2026, 10, 24, 10))).toBe('2026-11-24T10:00:00.000Z');
  fc.assert(
    fc.property(fc.integer({ min: Date.UTC(1000), max: Date.UTC(3000) - 1 }), (ms) => {
      const text = formatTimestamp(ms);
      expect(text).toMatch(pattern);
      expect(parseTimestamp(text)).toBe(ms);
    }),
  );
});
