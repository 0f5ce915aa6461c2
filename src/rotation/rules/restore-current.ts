import { acceptanceTime, issueTime } from '../boundaries.ts';
import { mayReplaceFormer } from '../restorations.ts';
import { nextVersion } from '../versions.ts';
import type { Rule } from './rule.ts';

/**
 * The current client secret was changed by hand. A new value is accepted as the next version; a
 * former one is never accepted again, and a missing one is replaced.
 */
export const restoreCurrent: Rule = {
  name: 'restoreCurrent',
  authority: 'local',
  timed: true,
  suspendable: true,
  outlivesApplication: false,
  apply(o, home) {
    const version = nextVersion(o, home.record);
    switch (home.current.kind) {
      case 'intact':
        return undefined;
      case 'foreign':
        return { kind: 'Accept', version, issuedAt: acceptanceTime(o, home.record.current) };
      case 'missing':
        return {
          kind: 'Issue',
          cause: 'ValueMissing',
          version,
          issuedAt: issueTime(o, home.record.current),
        };
      case 'former':
        if (!mayReplaceFormer(home.record, o.now)) return undefined;
        return {
          kind: 'Issue',
          cause: 'FormerValue',
          version,
          issuedAt: issueTime(o, home.record.current),
        };
    }
  },
};
