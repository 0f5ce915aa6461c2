import { InvalidArgumentError } from 'commander';
import type { ConditionType } from '../api/conditions.ts';
import { formatDuration, parseDuration } from '../api/duration.ts';
import { formatTimestamp, parseTimestamp } from '../api/timestamp.ts';
import type { Goal } from './goals/goal.ts';

const DAY_HOURS = 24;

/** A length of time in milliseconds; other than spec, a command line may count in days. */
export function parseSpan(text: string): number {
  const days = /^(\d{1,3})d$/.exec(text)?.[1];
  const parsed = parseDuration(days === undefined ? text : `${Number(days) * DAY_HOURS}h`);
  if (parsed === undefined) {
    throw new InvalidArgumentError('It must be a duration, as in 30s, 5m, 1h30m or 7d.');
  }
  return parsed;
}

const SHORTEST_RETENTION = 60_000;
const LONGEST_RETENTION = 30 * DAY_HOURS * 3_600_000;

/** How long to retain, as spec spells it. */
export function parseRetention(text: string): string {
  const span = text === 'none' ? 0 : parseSpan(text);
  if (span !== 0 && (span < SHORTEST_RETENTION || span > LONGEST_RETENTION)) {
    throw new InvalidArgumentError('It must be none, or from 1m to 30d.');
  }
  return formatDuration(span);
}

/** A namespace; where it is empty, the context's, as with kubectl. */
export function parseNamespace(text: string): string {
  if (text === '' || /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(text)) return text;
  throw new InvalidArgumentError('It must be the name of a namespace.');
}

/** A time, as spec spells it. */
export function parseTime(text: string): string {
  const time = parseTimestamp(text);
  if (time === undefined) {
    throw new InvalidArgumentError('It must be a time with an offset, as in 2026-11-24T10:00:00Z.');
  }
  return formatTimestamp(time);
}

export const GOALS = ['settled', 'rotation', 'revocation'] as const;

const CONDITIONS: readonly ConditionType[] = [
  'Ready',
  'PreviousSecretRetained',
  'RotationHeld',
  'Stalled',
];

/**
 * What to wait for. A condition that is none counts as False: waiting for a misspelt one to be False
 * would end at once, as if it were reached.
 */
export function parseGoal(text: string): Goal {
  const kind = GOALS.find((goal) => goal === text);
  if (kind !== undefined) return { kind };
  const [, name, status = 'True'] =
    /^condition=([A-Za-z]+)(?:=(True|False|Unknown))?$/i.exec(text) ?? [];
  if (name === undefined) {
    throw new InvalidArgumentError(`It must be ${GOALS.join(', ')} or condition=TYPE[=STATUS].`);
  }
  const type = CONDITIONS.find((each) => each.toLowerCase() === name.toLowerCase());
  if (type === undefined) {
    throw new InvalidArgumentError(`The conditions are ${CONDITIONS.join(', ')}.`);
  }
  return { kind: 'condition', type, status };
}
