const SYNTAX =
  /^([12]\d{3})-(\d{2})-(\d{2})T([01]\d|2[0-3]):([0-5]\d):([0-5]\d)(?:\.(\d{1,9}))?(?:Z|([+-])(0\d|1[0-4]):([0-5]\d))$/;

/**
 * Reads an RFC 3339 time as epoch milliseconds, digits beyond them cut off; undefined for anything
 * else. The language is the CRD's: years 1000 to 2999, offsets up to ±14:59, days that exist.
 */
export function parseTimestamp(text: string): number | undefined {
  const match = SYNTAX.exec(text);
  if (match === null) return undefined;
  const [, year, month, day, hour, minute, second, fraction = '', sign, offsetHour, offsetMinute] =
    match;
  const midnight = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)));
  // Date.UTC carries a day that does not exist over into another month.
  if (midnight.getUTCMonth() !== Number(month) - 1) return undefined;
  const seconds = (Number(hour) * 60 + Number(minute)) * 60 + Number(second);
  const local = midnight.getTime() + seconds * 1000 + Number(fraction.padEnd(3, '0').slice(0, 3));
  if (sign === undefined) return local;
  const offset = (Number(offsetHour) * 60 + Number(offsetMinute)) * 60_000;
  return sign === '+' ? local - offset : local + offset;
}

/** Writes epoch milliseconds as RFC 3339 in UTC with milliseconds: `2026-11-24T10:00:00.000Z`. */
export function formatTimestamp(ms: number): string {
  return new Date(ms).toISOString();
}

/** How far ahead of a clock a time may be and still count as that clock's inaccuracy, in milliseconds. */
export const CLOCK_TOLERANCE = 5 * 60_000;
