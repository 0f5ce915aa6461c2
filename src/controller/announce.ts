import { annotations } from '../api/names.ts';
import { formatTimestamp } from '../api/timestamp.ts';
import type { Action, RotationCause } from '../rotation/decision.ts';
import type { RevocationReason } from '../rotation/record.ts';
import type { Gathered } from './gather.ts';

/** What is told of a step, in an event and a line of the log. */
export interface Announcement {
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly note: string;
}

/** What to tell of `action` once it is carried out; undefined where it only keeps the books. */
export function announce(g: Gathered, action: Action): Announcement | undefined {
  const secret = g.home?.secret.metadata.name ?? g.spec.secretName;
  switch (action.kind) {
    case 'Issue':
      return issued(g, action, secret);
    case 'Adopt':
      return normal(
        'SecretAdopted',
        `Took over Secret ${secret}; its client secret is version ${action.version}.`,
      );
    case 'Accept':
      return warning(
        'ExternalSecretAccepted',
        `Somebody replaced the client secret in Secret ${secret}: it is version ${action.version} ` +
          'now, and the one before is not retained.',
      );
    case 'Rotate':
      return rotated(g, action);
    case 'RevokePrevious':
      return ended(g, action.reason);
    case 'DropStray':
      return warning(
        'StrayPreviousSecretDropped',
        `Secret ${secret} held a previous client secret that no rotation had put there; it was dropped.`,
      );
    case 'RecordRefusals':
      return undefined;
    case 'Move':
      return normal(
        'SecretMoved',
        `Brought the client secret from Secret ${secret} to Secret ${g.spec.secretName}.`,
      );
    case 'DeleteLeftover':
      return normal('FormerSecretDeleted', `Deleted the former backing Secret ${action.name}.`);
    case 'Repair':
      return action.drift.every((what) => what === BOOKS)
        ? undefined
        : normal('SecretUpdated', `Brought Secret ${secret} in line: ${action.drift.join(', ')}.`);
  }
}

/** What is the operator's own alone, such as that a former Secret is gone. */
const BOOKS = `annotation ${annotations.state}`;

function issued(
  g: Gathered,
  action: Extract<Action, { kind: 'Issue' }>,
  secret: string,
): Announcement {
  const published = `issued version ${action.version} in Secret ${secret}.`;
  switch (action.cause) {
    case 'NoSecret':
      return normal('SecretIssued', `Issued version ${action.version} in Secret ${secret}.`);
    case 'ValueMissing':
      return warning('SecretIssued', `Somebody removed the client secret: ${published}`);
    case 'FormerValue': {
      const current = g.observation.home?.current;
      const manager = current?.kind === 'former' ? current.manager : undefined;
      const by = manager === undefined ? 'Somebody' : `Field manager ${JSON.stringify(manager)}`;
      return warning('FormerSecretRestored', `${by} put a former client secret back: ${published}`);
    }
  }
}

const ROTATED_BY: Readonly<Record<RotationCause, string>> = {
  RotateAfter: 'spec.rotation.rotateAfter',
  Every: 'spec.rotation.every',
  IssuedBefore: 'spec.revokeIssuedBefore',
};

function rotated(g: Gathered, action: Extract<Action, { kind: 'Rotate' }>): Announcement {
  const record = g.home?.stored.record;
  const old = record?.current.version;
  const evicted = record?.previous === undefined ? '' : ` and version ${record.previous.version}`;
  const fate =
    action.retain === undefined
      ? `version ${old}${evicted} ended at once`
      : `version ${old} stays valid until ${formatTimestamp(action.retain.expiresAt)}`;
  const note = `Issued version ${action.version} by ${ROTATED_BY[action.cause]}; ${fate}.`;
  return action.cause === 'IssuedBefore'
    ? warning('CurrentSecretRevoked', note)
    : normal('SecretRotated', note);
}

function ended(g: Gathered, reason: RevocationReason): Announcement {
  const version = g.home?.stored.record.previous?.version;
  switch (reason) {
    case 'Expired':
      return normal('PreviousSecretExpired', `Version ${version} expired and is no longer valid.`);
    case 'Removed':
      return warning(
        'PreviousSecretRemoved',
        `Somebody took version ${version} out of the backing Secret; it is no longer valid.`,
      );
    default:
      return normal(
        'PreviousSecretRevoked',
        `Version ${version} was revoked by ${REVOKED_BY[reason]} and is no longer valid.`,
      );
  }
}

const REVOKED_BY: Readonly<Record<Exclude<RevocationReason, 'Expired' | 'Removed'>, string>> = {
  Requested: 'spec.revokePreviousSecret',
  RetiredBefore: 'spec.revokeRetiredBefore',
  IssuedBefore: 'spec.revokeIssuedBefore',
  NotRetained: 'spec.rotation.retainPreviousFor',
};

function normal(reason: string, note: string): Announcement {
  return { type: 'Normal', reason, note };
}

function warning(reason: string, note: string): Announcement {
  return { type: 'Warning', reason, note };
}
