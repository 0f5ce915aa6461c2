import { annotations } from '../api/names.ts';
import type { Action } from '../rotation/decision.ts';
import type { RevocationReason, Verification } from '../rotation/record.ts';
import { rotated } from './announce-rotation.ts';
import { type Announcement, normal, warning } from './announcement.ts';
import { announceAtProvider } from './authority/announce.ts';
import type { Gathered } from './gather.ts';

/** What to tell of `action` once it is carried out; nothing where it only keeps the books. */
export function announce(g: Gathered, action: Action): readonly Announcement[] {
  const secret = g.home?.secret.metadata.name ?? g.spec.secretName;
  switch (action.kind) {
    case 'Issue':
      return [issued(g, action, secret)];
    case 'Adopt':
      return [
        normal(
          'SecretAdopted',
          `Took over Secret ${secret}; its client secret is version ${action.version}.`,
        ),
      ];
    case 'Accept':
      return [
        warning(
          'ExternalSecretAccepted',
          `Somebody replaced the client secret in Secret ${secret}: it is version ${action.version} ` +
            'now, and the one before is not retained.',
        ),
      ];
    case 'Rotate':
      return [rotated(g, action.cause, action.version, action.retain?.expiresAt)];
    case 'RevokePrevious':
      return [ended(g, action)];
    case 'DropStray':
      return [
        warning(
          'StrayPreviousSecretDropped',
          `Secret ${secret} held a previous client secret that no rotation had put there; it was dropped.`,
        ),
      ];
    case 'Move':
      return [
        normal(
          'SecretMoved',
          `Brought the client secret from Secret ${secret} to Secret ${g.spec.secretName}.`,
        ),
      ];
    case 'DeleteLeftover':
      return [normal('FormerSecretDeleted', `Deleted the former backing Secret ${action.name}.`)];
    case 'Repair':
      return action.drift.every((what) => what === BOOKS)
        ? []
        : [
            normal(
              'SecretUpdated',
              `Brought Secret ${secret} in line: ${action.drift.join(', ')}.`,
            ),
          ];
    default:
      return announceAtProvider(g, action);
  }
}

/** That the backing Secret is in a state from before. */
export function olderState({ home, observation }: Gathered): Announcement {
  const version = home?.stored.record.current.version;
  return warning(
    'OlderStateRestored',
    `Secret ${home?.secret.metadata.name} is at version ${version}, but version ${observation.versionFloor} was published ` +
      'before: somebody restored an older state of it. Its client secrets are valid again, also those that ' +
      'were revoked meanwhile; later ones are not. If one of them has leaked, set spec.revokeIssuedBefore to ' +
      'the time of the leak.',
  );
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

function ended(
  g: Gathered,
  { reason, verification }: Extract<Action, { kind: 'RevokePrevious' }>,
): Announcement {
  const version = g.home?.stored.record.previous?.version;
  const proof = verification === undefined ? '' : ` ${proved(verification)}`;
  switch (reason) {
    case 'Expired':
      return normal(
        'PreviousSecretExpired',
        `Version ${version} expired and is no longer valid.${proof}`,
      );
    case 'Removed':
      return warning(
        'PreviousSecretRemoved',
        g.provider === undefined
          ? `Somebody took version ${version} out of the backing Secret; it is no longer valid.`
          : `Somebody ended version ${version} at the identity provider.${proof}`,
      );
    default:
      return normal(
        'PreviousSecretRevoked',
        `Version ${version} was revoked by ${REVOKED_BY[reason]} and is no longer valid.${proof}`,
      );
  }
}

function proved(verification: Verification): string {
  return verification.result === 'Verified'
    ? 'The identity provider does not accept it.'
    : `Whether the identity provider accepts it cannot be told: ${verification.message}.`;
}

const REVOKED_BY: Readonly<Record<Exclude<RevocationReason, 'Expired' | 'Removed'>, string>> = {
  Requested: 'spec.revokePreviousSecret',
  RetiredBefore: 'spec.revokeRetiredBefore',
  IssuedBefore: 'spec.revokeIssuedBefore',
  NotRetained: 'spec.rotation.retainPreviousFor',
  Deleted: 'the deletion of its application',
};
