import type {
  LastRevocation,
  OIDCApplicationStatus,
  PreviousSecretStatus,
} from '../../api/oidcapplication.gen.ts';
import { formatTimestamp } from '../../api/timestamp.ts';
import type { RetainedSecret, Revocation } from '../../rotation/record.ts';
import { expiryOf } from '../../rotation/schedule.ts';
import type { Gathered } from '../gather.ts';
import type { Ending } from './ending.ts';

const LONGEST_MESSAGE = 1024;

/** The previous secret; when it was last used is kept from before where the provider was not read. */
export function previousStatus(
  { observation, provider }: Gathered,
  previous: RetainedSecret,
  before: OIDCApplicationStatus | undefined,
): PreviousSecretStatus {
  const { authority } = observation;
  const isRead = authority.kind === 'provider' && authority.view?.previous?.is === 'previous';
  const lastUse = isRead ? provider?.errand.secrets?.previous?.lastUsedAt : undefined;
  const known =
    before?.previousSecret?.version === previous.version
      ? before.previousSecret.lastUsedAt
      : undefined;
  const lastUsedAt = lastUse === undefined ? known : formatTimestamp(lastUse);
  return {
    version: previous.version,
    issuedAt: formatTimestamp(previous.issuedAt),
    retiredAt: formatTimestamp(previous.retiredAt),
    expiresAt: formatTimestamp(expiryOf(previous)),
    ...(lastUsedAt !== undefined && { lastUsedAt }),
  };
}

/** The last secret that ended; or that should have, where the provider still accepts it. */
export function lastRevocationStatus(
  ending: Ending,
  recorded: Revocation | undefined,
  { observation }: Gathered,
  before: OIDCApplicationStatus | undefined,
): { lastRevocation?: LastRevocation } {
  const pending = ending.kind === 'settled' ? ending.wait.pending : undefined;
  if (pending?.kind === 'StillAccepted') {
    const { version, reason } = pending;
    const told = before?.lastRevocation;
    const isSame = told?.version === version && told.verified === 'StillAccepted';
    const time = isSame ? told.time : formatTimestamp(observation.now);
    return { lastRevocation: { version, time, reason, verified: 'StillAccepted' } };
  }
  if (recorded === undefined) return {};
  const { version, time, reason, verification } = recorded;
  return {
    lastRevocation: {
      version,
      time: formatTimestamp(time),
      reason,
      ...(verification !== undefined && { verified: verification.result }),
      ...(verification?.result === 'Unverifiable' && {
        verificationMessage: verification.message.slice(0, LONGEST_MESSAGE),
      }),
    },
  };
}
