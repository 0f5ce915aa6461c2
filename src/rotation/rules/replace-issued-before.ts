import { issueTime, reaches, standingBoundary } from '../boundaries.ts';
import { nextVersion } from '../versions.ts';
import type { Rule } from './rule.ts';

/** `revokeIssuedBefore: T`: a current secret from before T is replaced now, and nothing is retained. */
export const replaceIssuedBefore: Rule = {
  name: 'replaceIssuedBefore',
  timed: true,
  suspendable: true,
  outlivesApplication: false,
  apply(o, { record }) {
    const boundary = standingBoundary(o, 'revokeIssuedBefore');
    if (boundary === undefined) return undefined;
    if (reaches(record.current.issuedAt, boundary.time, o.now)) return undefined;
    return {
      kind: 'Rotate',
      cause: 'IssuedBefore',
      version: nextVersion(o, record),
      issuedAt: issueTime(o, record.current),
      retain: undefined,
    };
  },
};
