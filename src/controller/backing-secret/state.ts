import type { SecretKeys } from '../../api/application.ts';
import { formatTimestamp, parseTimestamp } from '../../api/timestamp.ts';
import type {
  RefusedBoundaries,
  Restorations,
  Revocation,
  RevocationReason,
} from '../../rotation/record.ts';

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
  readonly provider: string | undefined;
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
    },
    labels: state.labels,
    annotations: state.annotations,
    digests: {
      salt: digests.salt,
      current: digests.current,
      previous: digests.previous,
      former: digests.former,
    },
    lastRevocation: lastRevocation && {
      version: lastRevocation.version,
      time: formatTimestamp(lastRevocation.time),
      reason: lastRevocation.reason,
    },
    refused: {
      revokeRetiredBefore: state.refused.revokeRetiredBefore,
      revokeIssuedBefore: state.refused.revokeIssuedBefore,
    },
    restorations: restorations && {
      count: restorations.count,
      lastAt: formatTimestamp(restorations.lastAt),
      by: restorations.by,
    },
    provider: state.provider,
    movedFrom: state.movedFrom,
  });
}

/** @returns undefined where the document is not one that {@link formatState} wrote */
export function parseState(text: string): SecretState | undefined {
  const document = record(parseJSON(text));
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
  if (
    document === undefined ||
    clientID === undefined ||
    clientSecret === undefined ||
    previousClientSecret === undefined ||
    labels === undefined ||
    annotations === undefined ||
    salt === undefined ||
    current === undefined ||
    former === undefined
  ) {
    return undefined;
  }
  return {
    keys: { clientID, clientSecret, previousClientSecret },
    labels,
    annotations,
    digests: { salt, current, previous: string(digests?.['previous']), former },
    lastRevocation: revocation(record(document['lastRevocation'])),
    refused: refused(record(document['refused'])),
    restorations: restorations(record(document['restorations'])),
    provider: string(document['provider']),
    movedFrom: string(document['movedFrom']),
  };
}

function revocation(from: Record<string, unknown> | undefined): Revocation | undefined {
  const version = from?.['version'];
  const time = parseTimestamp(string(from?.['time']) ?? '');
  const reason = from?.['reason'];
  if (typeof version !== 'number' || time === undefined || !isRevocationReason(reason)) {
    return undefined;
  }
  return { version, time, reason };
}

const REASONS: ReadonlySet<unknown> = new Set<RevocationReason>([
  'Requested',
  'RetiredBefore',
  'IssuedBefore',
  'Expired',
  'NotRetained',
  'Removed',
]);

function isRevocationReason(reason: unknown): reason is RevocationReason {
  return REASONS.has(reason);
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

function parseJSON(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function record(value: unknown): Record<string, unknown> | undefined {
  return isRecord(value) ? value : undefined;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function string(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function strings(value: unknown): string[] | undefined {
  return Array.isArray(value) && value.every((item) => typeof item === 'string')
    ? value
    : undefined;
}
