import type { SecretKeys } from '../../api/application.ts';
import { formatTimestamp, parseTimestamp } from '../../api/timestamp.ts';
import { parseJson } from '../../kubernetes/json.ts';
import type {
  RefusedBoundaries,
  Restorations,
  Revocation,
  RotationIntent,
} from '../../rotation/record.ts';
import { record, string, strings } from './json.ts';
import {
  formatIntent,
  formatRevocation,
  type Particulars,
  parseIntent,
  parseParticulars,
  parseRevocation,
} from './state-parts.ts';

/** Digests of values under `salt`; of former ones the newest {@link FORMER_KEPT}. */
export interface Digests {
  readonly salt: string;
  readonly current: string;
  readonly previous: string | undefined;
  readonly former: readonly string[];
}

/** A week of rotations at the shortest interval; 24 KB of the 256 KB that annotations may hold. */
export const FORMER_KEPT = 1000;

/** The document in the annotation `keyturn.dev/state`. */
export interface SecretState {
  readonly keys: SecretKeys;
  /** Names of the labels and annotations that spec asked for. */
  readonly labels: readonly string[];
  readonly annotations: readonly string[];
  readonly digests: Digests;
  readonly lastRevocation: Revocation | undefined;
  readonly refused: RefusedBoundaries;
  readonly restorations: Restorations | undefined;
  readonly intent: RotationIntent | undefined;
  /** Of the previous secret. */
  readonly particulars: Particulars | undefined;
  readonly provider: string | undefined;
  /** What was behind the provider when the client was imported, and the client's ID there. */
  readonly backend: string | undefined;
  readonly clientID: string | undefined;
  readonly movedFrom: string | undefined;
}

/** Always the same text for the same state, so that an unchanged state writes nothing. */
export function formatState(state: SecretState): string {
  const { digests, lastRevocation, restorations } = state;
  return JSON.stringify({
    keys: {
      clientID: state.keys.clientID,
      clientSecret: state.keys.clientSecret,
      previousClientSecret: state.keys.previousClientSecret,
      issuer: state.keys.issuer,
    },
    labels: state.labels,
    annotations: state.annotations,
    digests: {
      salt: digests.salt,
      current: digests.current,
      previous: digests.previous,
      former: digests.former,
    },
    lastRevocation: lastRevocation && formatRevocation(lastRevocation),
    refused: {
      revokeRetiredBefore: state.refused.revokeRetiredBefore,
      revokeIssuedBefore: state.refused.revokeIssuedBefore,
    },
    restorations: restorations && {
      count: restorations.count,
      lastAt: formatTimestamp(restorations.lastAt),
      by: restorations.by,
    },
    intent: state.intent && formatIntent(state.intent),
    particulars: state.particulars,
    provider: state.provider,
    backend: state.backend,
    clientID: state.clientID,
    movedFrom: state.movedFrom,
  });
}

/** @returns undefined where the document is not one that {@link formatState} wrote */
export function parseState(text: string): SecretState | undefined {
  const document = record(parseJson(text));
  const keys = record(document?.['keys']);
  const digests = record(document?.['digests']);
  const clientID = string(keys?.['clientID']);
  const clientSecret = string(keys?.['clientSecret']);
  const previousClientSecret = string(keys?.['previousClientSecret']);
  const labels = strings(document?.['labels']);
  const annotations = strings(document?.['annotations']);
  const salt = string(digests?.['salt']);
  const current = string(digests?.['current']);
  const former = strings(digests?.['former']);
  const intent = parseIntent(document?.['intent']);
  if (
    document === undefined ||
    clientID === undefined ||
    clientSecret === undefined ||
    previousClientSecret === undefined ||
    labels === undefined ||
    annotations === undefined ||
    salt === undefined ||
    current === undefined ||
    former === undefined ||
    intent === 'malformed'
  ) {
    return undefined;
  }
  return {
    keys: { clientID, clientSecret, previousClientSecret, issuer: string(keys?.['issuer']) },
    labels,
    annotations,
    digests: { salt, current, previous: string(digests?.['previous']), former },
    lastRevocation: parseRevocation(record(document['lastRevocation'])),
    refused: refused(record(document['refused'])),
    restorations: restorations(record(document['restorations'])),
    intent,
    particulars: parseParticulars(record(document['particulars'])),
    provider: string(document['provider']),
    backend: string(document['backend']),
    clientID: string(document['clientID']),
    movedFrom: string(document['movedFrom']),
  };
}

function refused(from: Record<string, unknown> | undefined): RefusedBoundaries {
  const retired = string(from?.['revokeRetiredBefore']);
  const issued = string(from?.['revokeIssuedBefore']);
  return {
    ...(retired !== undefined && { revokeRetiredBefore: retired }),
    ...(issued !== undefined && { revokeIssuedBefore: issued }),
  };
}

function restorations(from: Record<string, unknown> | undefined): Restorations | undefined {
  const count = from?.['count'];
  const lastAt = parseTimestamp(string(from?.['lastAt']) ?? '');
  if (typeof count !== 'number' || lastAt === undefined) return undefined;
  return { count, lastAt, by: string(from?.['by']) };
}
