import { reaches, standingBoundary } from '../boundaries.ts';
import type { Observation, OwnedSecret } from '../observation.ts';
import { predatesDiscovery } from '../provider/retained.ts';
import type { RetainedSecret, RevocationReason } from '../record.ts';
import { expiryOf } from '../schedule.ts';
import type { Rule } from './rule.ts';

function endPrevious(
  reason: RevocationReason,
  kind: Pick<Rule, 'timed' | 'outlivesApplication'>,
  ends: (o: Observation, previous: RetainedSecret) => boolean,
): Rule {
  return {
    name: `endPrevious${reason}`,
    suspendable: false,
    ...kind,
    apply(o, { record: { previous } }) {
      return previous !== undefined && ends(o, previous)
        ? { kind: 'RevokePrevious', reason }
        : undefined;
    },
  };
}

/** A previous secret whose value somebody took away cannot be given back. */
export const endLostPrevious: Rule = {
  name: 'endLostPrevious',
  authority: 'local',
  timed: false,
  suspendable: false,
  outlivesApplication: true,
  apply: (_, home) =>
    home.previous === 'lost' ? { kind: 'RevokePrevious', reason: 'Removed' } : undefined,
};

/** `revokePreviousSecret: true`: no previous secret is valid. */
export const endRequested = endPrevious(
  'Requested',
  { timed: false, outlivesApplication: false },
  (o, previous) => o.spec.revokePreviousSecret && !predatesDiscovery(o, previous),
);

/** `revokeRetiredBefore: T`: no previous secret that was replaced before T is valid. */
export const endRetiredBefore = endPrevious(
  'RetiredBefore',
  { timed: true, outlivesApplication: false },
  (o, previous) => {
    const boundary = standingBoundary(o, 'revokeRetiredBefore');
    // Not by the tolerance: a clock put back must not end what was retired after T.
    return boundary !== undefined && previous.retiredAt < boundary.time;
  },
);

/** `revokeIssuedBefore: T`: no previous secret that was issued before T is valid. */
export const endIssuedBefore = endPrevious(
  'IssuedBefore',
  { timed: true, outlivesApplication: false },
  (o, previous) => {
    const boundary = standingBoundary(o, 'revokeIssuedBefore');
    return boundary !== undefined && !reaches(previous.issuedAt, boundary.time, o.now);
  },
);

/** A retained secret ends at its expiry, also when its application is gone. */
export const endExpired = endPrevious(
  'Expired',
  { timed: true, outlivesApplication: true },
  (o, previous) => o.now >= expiryOf(previous),
);

/** What was replaced without being retained has ended, whatever the provider makes of it. */
export const endUnretained = endPrevious(
  'NotRetained',
  { timed: false, outlivesApplication: true },
  (_, previous) => previous.unpromised === true,
);

/** A value under the previous secret's key that no rotation put there is not valid. */
export const dropStray: Rule = {
  name: 'dropStray',
  timed: false,
  suspendable: false,
  outlivesApplication: false,
  apply: (_, home) => (home.previous === 'stray' ? { kind: 'DropStray' } : undefined),
};

const ENDINGS = [
  endRequested,
  endRetiredBefore,
  endIssuedBefore,
  endUnretained,
  endExpired,
] as const;

/** Whether the previous secret should not be valid any more, whatever stands in the way. */
export function isToEnd(o: Observation, home: OwnedSecret): boolean {
  return ENDINGS.some((rule) => rule.apply(o, home) !== undefined);
}
