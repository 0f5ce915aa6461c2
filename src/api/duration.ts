const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

const SYNTAX = /^(?=.)(?:([0-9]{1,4})h)?(?:([0-9]{1,6})m)?(?:([0-9]{1,8})s)?$/;

/**
 * Reads a duration such as `24h`, `1h30m` or `90s` as milliseconds; undefined for anything else.
 * The language is the CRD's: what Go's time.ParseDuration reads, in whole hours, minutes and seconds.
 */
export function parseDuration(text: string): number | undefined {
  const match = SYNTAX.exec(text);
  if (match === null) return undefined;
  const [, hours = '0', minutes = '0', seconds = '0'] = match;
  return Number(hours) * HOUR + Number(minutes) * MINUTE + Number(seconds) * SECOND;
}

/** Writes milliseconds as people write durations: `24h`, `1h30m`, `45s`. Rounds to whole seconds. */
export function formatDuration(ms: number): string {
  const total = Math.round(ms / SECOND) * SECOND;
  const hours = Math.floor(total / HOUR);
  const minutes = Math.floor((total % HOUR) / MINUTE);
  const seconds = (total % MINUTE) / SECOND;
  const parts = [
    hours > 0 ? `${hours}h` : '',
    minutes > 0 ? `${minutes}m` : '',
    seconds > 0 ? `${seconds}s` : '',
  ];
  return parts.join('') || '0s';
}
