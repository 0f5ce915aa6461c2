import { formatTimestamp } from '../../api/timestamp.ts';
import type { Action } from '../../rotation/decision.ts';
import type { RetainedSecret } from '../../rotation/record.ts';
import { rotated } from '../announce-rotation.ts';
import { type Announcement, normal, warning } from '../announcement.ts';
import type { Gathered } from '../gather.ts';

/** What to tell of a step that has to do with the provider. */
export function announceAtProvider(g: Gathered, action: Action): readonly Announcement[] {
  const secret = g.home?.secret.metadata.name ?? g.spec.secretName;
  switch (action.kind) {
    case 'Import':
      return imported(g, action, secret);
    case 'ConcludeRotation':
      return concluded(g, action);
    case 'Follow':
      return followed(g, action);
    case 'Republish':
      return [
        warning(
          'SecretRestored',
          `Somebody changed the client secret in Secret ${secret}: the identity provider's was put back.`,
        ),
      ];
    case 'ReleaseDeletion':
      return action.abandoned ? [leftAlive(g)] : [];
    default:
      return [];
  }
}

function imported(
  g: Gathered,
  { current, previous }: Extract<Action, { kind: 'Import' }>,
  secret: string,
): Announcement[] {
  const note = `Published the identity provider's client secret as version ${current.version} in Secret ${secret}.`;
  const told = normal('SecretImported', note);
  return previous === undefined ? [told] : [told, discovered(g, previous)];
}

function concluded(
  g: Gathered,
  action: Extract<Action, { kind: 'ConcludeRotation' }>,
): Announcement[] {
  const { cause, current, previous, twice, unaccepted } = action;
  const told = [rotated(g, cause, current.version, twice ? undefined : previous?.expiresAt)];
  if (twice) {
    told.push(
      warning(
        'RotatedTwice',
        'Somebody else replaced the client secret at the identity provider at the same time, which ' +
          'ended the one that was to be retained.',
      ),
    );
  }
  if (unaccepted) {
    told.push(
      warning(
        'NewSecretNotAccepted',
        `Version ${current.version} was published although the identity provider did not accept it yet.`,
      ),
    );
  }
  return told;
}

function followed(
  g: Gathered,
  { current, previous }: Extract<Action, { kind: 'Follow' }>,
): Announcement[] {
  const told: Announcement[] = [];
  if (current !== undefined) {
    told.push(
      warning(
        'ExternalRotationFollowed',
        `Somebody replaced the client secret at the identity provider: it is published as version ${current.version}.`,
      ),
    );
  }
  if (previous !== 'keep') told.push(discovered(g, previous));
  return told;
}

function discovered(g: Gathered, { version, expiresAt }: RetainedSecret): Announcement {
  const held = g.spec.revokePreviousSecret
    ? ' spec.revokePreviousSecret, which was true before, does not end it: change spec to have it revoked.'
    : '';
  return warning(
    'PreviousSecretDiscovered',
    `The identity provider retains a previous client secret that no rotation here retained: it is ` +
      `version ${version} and stays valid until ${formatTimestamp(expiresAt)}.${held}`,
  );
}

function leftAlive({ home }: Gathered): Announcement {
  const previous = home?.stored.record.previous;
  const until =
    previous === undefined
      ? ''
      : ` It may be accepted until ${formatTimestamp(previous.expiresAt)}.`;
  return warning(
    'PreviousSecretNotRevoked',
    `The identity provider did not let the previous client secret be revoked in time: the application ` +
      `is deleted all the same.${until}`,
  );
}
