import { refusedBoundaries } from './boundaries.ts';
import type { Action } from './decision.ts';
import type { Observation } from './observation.ts';
import type { Revocation, RevocationReason, SecretRecord } from './record.ts';
import { countRestoration } from './restorations.ts';

/** Where the values of the next state come from. */
export interface ValueMoves {
  /** `fresh`: a value made now; `observed`: the one that stands there. */
  readonly current: 'fresh' | 'observed';
  /** `keep`: as it is; `current`: the current one moves there; `none`: the key goes. */
  readonly previous: 'keep' | 'current' | 'none';
}

export interface Transition {
  readonly record: SecretRecord;
  readonly values: ValueMoves;
}

/** What the record and the values are after `action`, which was decided on `o`. */
export function transition(o: Observation, action: Action): Transition {
  const record = o.home?.record;
  const refused = refusedBoundaries(o);
  switch (action.kind) {
    case 'Issue':
    case 'Adopt':
    case 'Accept': {
      const current = { version: action.version, issuedAt: action.issuedAt };
      const isFormer = o.home?.current.kind === 'former' ? o.home.current : undefined;
      return {
        record: {
          current,
          previous: record?.previous,
          lastRevocation: lossOf(o, action.kind === 'Accept' ? 'NotRetained' : 'Removed'),
          refused,
          restorations:
            record !== undefined && isFormer !== undefined
              ? countRestoration(record, o.now, isFormer.manager)
              : record?.restorations,
        },
        values: { current: action.kind === 'Issue' ? 'fresh' : 'observed', previous: 'keep' },
      };
    }
    case 'Rotate': {
      const retired = recordOf(o).current;
      return {
        record: {
          ...recordOf(o),
          current: { version: action.version, issuedAt: action.issuedAt },
          previous: action.retain === undefined ? undefined : { ...retired, ...action.retain },
          lastRevocation:
            action.retain === undefined
              ? ended(
                  o,
                  retired.version,
                  action.cause === 'IssuedBefore' ? 'IssuedBefore' : 'NotRetained',
                )
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
            previous === undefined ? lastRevocation : ended(o, previous.version, action.reason),
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
  }
}

function recordOf(o: Observation): SecretRecord {
  if (o.home === undefined) throw new Error('decided on a backing Secret that was not observed');
  return o.home.record;
}

function ended(o: Observation, version: number, reason: RevocationReason): Revocation {
  return { version, time: o.now, reason };
}

/** What became of the current secret that is not there any more, if there was one. */
function lossOf(o: Observation, reason: RevocationReason): Revocation | undefined {
  const version = o.home?.record.current.version ?? o.versionFloor;
  return version === 0 ? undefined : ended(o, version, reason);
}
