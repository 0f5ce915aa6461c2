import { parseTimestamp } from '../../api/timestamp.ts';

const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
] as const;

/** A length of time in its two largest units: `3d4h`, `12m5s`, `0s`. */
export function span(ms: number): string {
  let rest = Math.max(0, ms);
  const parts: string[] = [];
  for (const [unit, length] of UNITS) {
    const count = Math.floor(rest / length);
    rest -= count * length;
    if (count > 0) parts.push(`${count}${unit}`);
    // A unit that is left out counts: 1d5m tells more than anybody wants to know.
    else if (parts.length > 0) break;
    if (parts.length === 2) break;
  }
  return parts.join('') || '0s';
}

/** Where a moment lies, seen from now: `3d4h ago`, `in 5m`. */
export function relative(time: number, now: number): string {
  return time > now ? `in ${span(time - now)}` : `${span(now - time)} ago`;
}

/** A time of status with where it lies: `2026-11-24T10:00:00.000Z (in 5m)`. */
export function moment(text: string, now: number): string {
  const time = parseTimestamp(text);
  return time === undefined ? text : `${text} (${relative(time, now)})`;
}

/** How long ago a time of status was; empty where there is none. */
export function age(text: string | undefined, now: number): string {
  const time = parseTimestamp(text ?? '');
  return time === undefined ? '' : span(now - time);
}
