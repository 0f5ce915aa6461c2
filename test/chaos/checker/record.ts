import { isObject } from './json.ts';
import type { SecretState } from './observed.ts';
import { DAY, type Millis, momentOf } from './times.ts';

/** What the public annotations of a backing Secret say. */
export interface SecretRecord {
  readonly version: number;
  readonly issuedAt: Millis;
  readonly previous: PreviousRecord | undefined;
}

export interface PreviousRecord {
  readonly version: number;
  readonly issuedAt: Millis;
  readonly retiredAt: Millis;
  readonly expiresAt: Millis;
}

const PREFIX = 'keyturn.dev/';
const PREVIOUS = ['version', 'issued-at', 'retired-at', 'expires-at'] as const;
const LONGEST_RETENTION: Millis = 30 * DAY;

/** Undefined where an annotation cannot be read. */
export function recordOf(secret: SecretState): SecretRecord | undefined {
  const { annotations } = secret;
  const version = versionAt(annotations, 'secret-version');
  const issuedAt = timeAt(annotations, 'issued-at');
  if (version === undefined || issuedAt === undefined || !hasState(annotations)) return undefined;
  const retained = PREVIOUS.some((name) => `${PREFIX}previous-${name}` in annotations);
  if (!retained) return { version, issuedAt, previous: undefined };
  const previous = {
    version: versionAt(annotations, 'previous-version'),
    issuedAt: timeAt(annotations, 'previous-issued-at'),
    retiredAt: timeAt(annotations, 'previous-retired-at'),
    expiresAt: timeAt(annotations, 'previous-expires-at'),
  };
  return isComplete(previous) ? { version, issuedAt, previous } : undefined;
}

function isComplete(
  previous: {
    [name in keyof PreviousRecord]: PreviousRecord[name] | undefined;
  },
): previous is PreviousRecord {
  return Object.values(previous).every((part) => part !== undefined);
}

/** When a retained secret ends by itself. */
export function expiryOf({ retiredAt, expiresAt }: PreviousRecord): Millis {
  return Math.min(expiresAt, retiredAt + LONGEST_RETENTION);
}

export function samePrevious(
  a: PreviousRecord | undefined,
  b: PreviousRecord | undefined,
): boolean {
  return (
    a?.version === b?.version &&
    a?.issuedAt === b?.issuedAt &&
    a?.retiredAt === b?.retiredAt &&
    a?.expiresAt === b?.expiresAt
  );
}

export function sameRecord(a: SecretRecord, b: SecretRecord): boolean {
  return (
    a.version === b.version && a.issuedAt === b.issuedAt && samePrevious(a.previous, b.previous)
  );
}

type Annotations = SecretState['annotations'];

function versionAt(annotations: Annotations, name: string): number | undefined {
  const text = annotations[`${PREFIX}${name}`] ?? '';
  return /^[1-9]\d*$/.test(text) ? Number(text) : undefined;
}

function timeAt(annotations: Annotations, name: string): Millis | undefined {
  const text = annotations[`${PREFIX}${name}`] ?? '';
  const moment = momentOf(text);
  return Number.isNaN(moment) || !text.endsWith('Z') ? undefined : moment;
}

/** Of the operator's own document nothing is taken but that it is one. */
function hasState(annotations: Annotations): boolean {
  try {
    return isObject(JSON.parse(annotations[`${PREFIX}state`] ?? ''));
  } catch {
    return false;
  }
}
