import { formatTimestamp } from '../api/timestamp.ts';
import type { RotationCause } from '../rotation/record.ts';
import { type Announcement, normal, warning } from './announcement.ts';
import type { Gathered } from './gather.ts';

const ROTATED_BY: Readonly<Record<RotationCause, string>> = {
  RotateAfter: 'spec.rotation.rotateAfter',
  Every: 'spec.rotation.every',
  IssuedBefore: 'spec.revokeIssuedBefore',
};

/** That a rotation has happened, and what became of the secret that it replaced. */
export function rotated(
  g: Gathered,
  cause: RotationCause,
  version: number,
  retainedUntil: number | undefined,
): Announcement {
  const record = g.home?.stored.record;
  const old = record?.current.version;
  const evicted = record?.previous === undefined ? '' : ` and version ${record.previous.version}`;
  const fate =
    retainedUntil === undefined
      ? `version ${old}${evicted} ended at once`
      : `version ${old} stays valid until ${formatTimestamp(retainedUntil)}`;
  const note = `Issued version ${version} by ${ROTATED_BY[cause]}; ${fate}.`;
  return cause === 'IssuedBefore'
    ? warning('CurrentSecretRevoked', note)
    : normal('SecretRotated', note);
}
