import { formatTimestamp, parseTimestamp } from '../../api/timestamp.ts';
import type {
  Discovery,
  RetainedSecret,
  Revocation,
  RevocationReason,
  RotationCause,
  RotationIntent,
  Verification,
} from '../../rotation/record.ts';
import { record, string } from './json.ts';

type Document = Record<string, unknown>;

export function formatRevocation({ version, time, reason, verification }: Revocation): Document {
  return { version, time: formatTimestamp(time), reason, verification };
}

export function parseRevocation(from: Document | undefined): Revocation | undefined {
  const version = from?.['version'];
  const time = parseTimestamp(string(from?.['time']) ?? '');
  const reason = from?.['reason'];
  if (typeof version !== 'number' || time === undefined || !isRevocationReason(reason)) {
    return undefined;
  }
  const verification = parseVerification(record(from?.['verification']));
  return { version, time, reason, ...(verification !== undefined && { verification }) };
}

const REASONS: ReadonlySet<unknown> = new Set<RevocationReason>([
  'Requested',
  'RetiredBefore',
  'IssuedBefore',
  'Expired',
  'NotRetained',
  'Removed',
  'Deleted',
]);

function isRevocationReason(reason: unknown): reason is RevocationReason {
  return REASONS.has(reason);
}

function parseVerification(from: Document | undefined): Verification | undefined {
  switch (from?.['result']) {
    case 'Verified':
      return { result: 'Verified' };
    case 'Unverifiable':
      return { result: 'Unverifiable', message: string(from['message']) ?? '' };
    default:
      return undefined;
  }
}

export function formatIntent(intent: RotationIntent): Document {
  return {
    cause: intent.cause,
    version: intent.version,
    startedAt: formatTimestamp(intent.startedAt),
    issuedAt: formatTimestamp(intent.issuedAt),
    retiredAt: formatTimestamp(intent.retiredAt),
    retainUntil: intent.retainUntil === undefined ? undefined : formatTimestamp(intent.retainUntil),
  };
}

/** An intent that cannot be read may stand for a rotation that has happened: it is not passed over. */
export function parseIntent(from: unknown): RotationIntent | undefined | 'malformed' {
  if (from === undefined) return undefined;
  const intent = record(from);
  const cause = intent?.['cause'];
  const version = intent?.['version'];
  const [startedAt, issuedAt, retiredAt] = ['startedAt', 'issuedAt', 'retiredAt'].map((name) =>
    parseTimestamp(string(intent?.[name]) ?? ''),
  );
  const until = string(intent?.['retainUntil']);
  const retainUntil = until === undefined ? undefined : parseTimestamp(until);
  if (
    !isRotationCause(cause) ||
    typeof version !== 'number' ||
    startedAt === undefined ||
    issuedAt === undefined ||
    retiredAt === undefined ||
    (until !== undefined && retainUntil === undefined)
  ) {
    return 'malformed';
  }
  return { cause, version, startedAt, issuedAt, retiredAt, retainUntil };
}

const CAUSES: ReadonlySet<unknown> = new Set<RotationCause>([
  'RotateAfter',
  'Every',
  'IssuedBefore',
]);

function isRotationCause(cause: unknown): cause is RotationCause {
  return CAUSES.has(cause);
}

/** What is recorded of a previous secret beside its version and times. */
export interface Particulars {
  /** Which secret it is said of. */
  readonly version: number;
  readonly discovery: Discovery | undefined;
  readonly unpromised: true | undefined;
}

export function particularsOf(previous: RetainedSecret | undefined): Particulars | undefined {
  if (previous?.discovery === undefined && previous?.unpromised === undefined) return undefined;
  const { version, discovery, unpromised } = previous;
  return { version, discovery: discovery && { ...discovery }, unpromised };
}

export function parseParticulars(from: Document | undefined): Particulars | undefined {
  const version = from?.['version'];
  if (typeof version !== 'number') return undefined;
  const discovery = record(from?.['discovery']);
  const uid = string(discovery?.['uid']);
  const generation = discovery?.['generation'];
  return {
    version,
    discovery:
      uid !== undefined && typeof generation === 'number' ? { uid, generation } : undefined,
    unpromised: from?.['unpromised'] === true ? true : undefined,
  };
}
