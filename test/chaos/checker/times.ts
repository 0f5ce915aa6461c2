/** Milliseconds: since the epoch for a moment, else a length of time. */
export type Millis = number;

export const SECOND: Millis = 1000;
export const MINUTE: Millis = 60 * SECOND;
export const HOUR: Millis = 60 * MINUTE;
export const DAY: Millis = 24 * HOUR;

/** How far ahead of the clock a time may lie and still count as the inaccuracy of a clock. */
export const TOLERANCE: Millis = 5 * MINUTE;

/**
 * How far from the true time the operator may have decided: clocks may differ by 30 s, and a `Date`
 * header says a second at most.
 */
export const SLACK: Millis = 32 * SECOND;

const UNITS: Readonly<Record<string, Millis>> = { h: HOUR, m: MINUTE, s: SECOND };

/** Reads a duration as spec spells it, such as `1h30m`. */
export function durationOf(text: string): Millis {
  let sum = 0;
  for (const [, count, unit = ''] of text.matchAll(/(\d+)([hms])/g)) {
    sum += Number(count) * (UNITS[unit] ?? 0);
  }
  return sum;
}

/** Reads a time; NaN where it is none. */
export function momentOf(text: string): Millis {
  return Date.parse(text);
}

/** A span of time in which something happened, told by the true clock. */
export interface Span {
  readonly from: Millis;
  readonly to: Millis;
}

/** Whether the operator's clock can have shown `moment` within `span`. */
export function canShow(span: Span, moment: Millis): boolean {
  return moment >= span.from - SLACK && moment <= span.to + SLACK;
}
