import { annotations } from '../../api/names.ts';
import { formatTimestamp, parseTimestamp } from '../../api/timestamp.ts';
import type { RetainedSecret, SecretRecord } from '../../rotation/record.ts';
import type { SecretObject } from '../resources.ts';
import { parseState, type SecretState } from './state.ts';

export interface StoredRecord {
  readonly record: SecretRecord;
  readonly state: SecretState;
}

/** An annotation of a backing Secret that cannot be read, so that nothing can be decided on it. */
export interface Malformed {
  readonly annotation: string;
  readonly problem: string;
}

export type Reading =
  | { readonly kind: 'record'; readonly stored: StoredRecord }
  | { readonly kind: 'malformed'; readonly malformed: Malformed };

/** What the annotations of a backing Secret say of the secrets in it. */
export function readRecord(secret: SecretObject): Reading {
  const notes = secret.metadata.annotations ?? {};
  try {
    return { kind: 'record', stored: stored(notes) };
  } catch (error) {
    if (error instanceof MalformedAnnotation) {
      return { kind: 'malformed', malformed: error };
    }
    throw error;
  }
}

class MalformedAnnotation extends Error implements Malformed {
  readonly annotation: string;
  readonly problem: string;

  constructor(annotation: string, problem: string) {
    super(`${annotation} ${problem}`);
    this.annotation = annotation;
    this.problem = problem;
  }
}

type Annotations = Readonly<Record<string, string>>;

const PREVIOUS = [
  annotations.previousVersion,
  annotations.previousIssuedAt,
  annotations.previousRetiredAt,
  annotations.previousExpiresAt,
] as const;

function stored(notes: Annotations): StoredRecord {
  const state = parseState(required(notes, annotations.state));
  if (state === undefined) {
    throw new MalformedAnnotation(annotations.state, 'is not the document that was written there');
  }
  return {
    state,
    record: {
      current: {
        version: version(notes, annotations.secretVersion),
        issuedAt: time(notes, annotations.issuedAt),
      },
      previous: PREVIOUS.some((name) => notes[name] !== undefined)
        ? previous(notes, state)
        : undefined,
      lastRevocation: state.lastRevocation,
      refused: state.refused,
      restorations: state.restorations,
      intent: state.intent,
    },
  };
}

function previous(notes: Annotations, { particulars }: SecretState): RetainedSecret {
  const number = version(notes, annotations.previousVersion);
  const own = particulars?.version === number ? particulars : undefined;
  return {
    version: number,
    issuedAt: time(notes, annotations.previousIssuedAt),
    retiredAt: time(notes, annotations.previousRetiredAt),
    expiresAt: time(notes, annotations.previousExpiresAt),
    ...(own?.discovery !== undefined && { discovery: own.discovery }),
    ...(own?.unpromised !== undefined && { unpromised: own.unpromised }),
  };
}

function version(notes: Annotations, name: string): number {
  const text = required(notes, name);
  if (!/^[1-9]\d{0,14}$/.test(text)) {
    throw new MalformedAnnotation(name, 'is not a whole number above zero');
  }
  return Number(text);
}

function time(notes: Annotations, name: string): number {
  const parsed = parseTimestamp(required(notes, name));
  if (parsed === undefined) throw new MalformedAnnotation(name, 'is not an RFC 3339 time');
  return parsed;
}

function required(notes: Annotations, name: string): string {
  const text = notes[name];
  if (text === undefined) throw new MalformedAnnotation(name, 'is missing');
  return text;
}

/** The annotations that say what {@link readRecord} reads; null where one must not be there. */
export function recordAnnotations(record: SecretRecord): Record<string, string | null> {
  const { current, previous: retained } = record;
  return {
    [annotations.secretVersion]: String(current.version),
    [annotations.issuedAt]: formatTimestamp(current.issuedAt),
    [annotations.previousVersion]: retained === undefined ? null : String(retained.version),
    [annotations.previousIssuedAt]: formatOptional(retained?.issuedAt),
    [annotations.previousRetiredAt]: formatOptional(retained?.retiredAt),
    [annotations.previousExpiresAt]: formatOptional(retained?.expiresAt),
  };
}

function formatOptional(time: number | undefined): string | null {
  return time === undefined ? null : formatTimestamp(time);
}
