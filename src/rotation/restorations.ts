import { CLOCK_TOLERANCE } from '../api/timestamp.ts';
import type { Millis, Restorations, SecretRecord } from './record.ts';

/** Restorations within this time of each other count as a series. */
const SERIES: Millis = 3_600_000;
/** In a series, a former secret is replaced at most this often, so that two writers do not race. */
const PAUSE: Millis = 60_000;
const SERIES_LENGTH = 2;

/** The series of restorations that is going on, if somebody puts former secrets back again and again. */
export function ongoingRestorations(record: SecretRecord, now: Millis): Restorations | undefined {
  const { restorations } = record;
  if (restorations === undefined || restorations.count < SERIES_LENGTH) return undefined;
  return isRecent(restorations, now) ? restorations : undefined;
}

export function mayReplaceFormer(record: SecretRecord, now: Millis): boolean {
  const series = ongoingRestorations(record, now);
  return series === undefined || now >= series.lastAt + PAUSE;
}

export function countRestoration(
  record: SecretRecord,
  now: Millis,
  by: string | undefined,
): Restorations {
  const { restorations } = record;
  const earlier =
    restorations !== undefined && isRecent(restorations, now) ? restorations.count : 0;
  return { count: earlier + 1, lastAt: now, by };
}

/** When the passage of time changes what the restorations mean; some of it may have passed. */
export function restorationWakes({ restorations }: SecretRecord): Millis[] {
  if (restorations === undefined || restorations.count < SERIES_LENGTH) return [];
  const { lastAt } = restorations;
  return [lastAt - CLOCK_TOLERANCE, lastAt + PAUSE, lastAt + SERIES];
}

function isRecent({ lastAt }: Restorations, now: Millis): boolean {
  return lastAt <= now + CLOCK_TOLERANCE && now < lastAt + SERIES;
}
