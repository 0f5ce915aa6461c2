import { refusedBoundaries } from './boundaries.ts';
import type { SecretAction } from './decision.ts';
import type { Observation } from './observation.ts';
import { ended, recordOf, replaced } from './outcome.ts';
import { mirrorTransition } from './provider/mirror.ts';
import type { Restorations, Revocation, RevocationReason } from './record.ts';
import { countRestoration } from './restorations.ts';
import type { Transition } from './values.ts';

/** What the record and the values are after `action`, which was decided on `o`. */
export function transition(o: Observation, action: SecretAction): Transition {
  const refused = refusedBoundaries(o);
  switch (action.kind) {
    case 'Issue':
    case 'Adopt':
    case 'Accept':
      return {
        record: {
          current: { version: action.version, issuedAt: action.issuedAt },
          previous: o.home?.record.previous,
          lastRevocation: lossOf(o, action.kind === 'Accept' ? 'NotRetained' : 'Removed'),
          refused,
          restorations: restorationsAfter(o),
          intent: undefined,
        },
        values: { current: action.kind === 'Issue' ? 'fresh' : 'observed', previous: 'keep' },
      };
    case 'Rotate': {
      const retired = recordOf(o).current;
      return {
        record: {
          ...recordOf(o),
          current: { version: action.version, issuedAt: action.issuedAt },
          previous: action.retain === undefined ? undefined : { ...retired, ...action.retain },
          lastRevocation:
            action.retain === undefined
              ? replaced(o, retired, action.cause)
              : recordOf(o).lastRevocation,
          refused,
        },
        values: { current: 'fresh', previous: action.retain === undefined ? 'none' : 'current' },
      };
    }
    case 'RevokePrevious': {
      const { previous, lastRevocation } = recordOf(o);
      return {
        record: {
          ...recordOf(o),
          previous: undefined,
          lastRevocation:
            previous === undefined
              ? lastRevocation
              : ended(o, previous, action.reason, action.verification),
          refused,
        },
        values: { current: 'observed', previous: 'none' },
      };
    }
    case 'DropStray':
      return {
        record: { ...recordOf(o), refused },
        values: { current: 'observed', previous: 'none' },
      };
    case 'RecordRefusals':
    case 'Move':
    case 'DeleteLeftover':
    case 'Repair':
      return {
        record: { ...recordOf(o), refused },
        values: { current: 'observed', previous: 'keep' },
      };
    default:
      return mirrorTransition(o, refused, action);
  }
}

/** What became of the current secret that is not there any more, if there was one. */
function lossOf(o: Observation, reason: RevocationReason): Revocation | undefined {
  const version = o.home?.record.current.version ?? o.versionFloor;
  return version === 0 ? undefined : ended(o, { version }, reason);
}

function restorationsAfter({ home, now }: Observation): Restorations | undefined {
  return home?.current.kind === 'former'
    ? countRestoration(home.record, now, home.current.manager)
    : home?.record.restorations;
}
