import type { SpecTime } from '../api/application.ts';
import { CLOCK_TOLERANCE, formatTimestamp, parseTimestamp } from '../api/timestamp.ts';

/** Whether the operator heeds `boundary`, as far as the clocks tell. */
export function isInForce(boundary: SpecTime | undefined, now: number): boundary is SpecTime {
  return boundary !== undefined && boundary.time <= now + CLOCK_TOLERANCE;
}

/** Whether a time of status lies before a boundary that is in force. */
export function isBefore(text: string, boundary: SpecTime | undefined, now: number): boolean {
  const time = parseTimestamp(text);
  return time !== undefined && isInForce(boundary, now) && time < boundary.time;
}

/** Now, but after `moment`: clocks differ, and a boundary must lie after what it is about. */
export function justAfter(moment: string | undefined, now: number): string {
  const time = parseTimestamp(moment ?? '') ?? 0;
  return formatTimestamp(Math.max(now, time + 1));
}
