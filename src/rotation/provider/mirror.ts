import type { ProviderPrevious } from '../authority.ts';
import type { MirrorAction } from '../decision.ts';
import type { Observation } from '../observation.ts';
import { ended, recordOf, replaced } from '../outcome.ts';
import type { IssuedSecret, RefusedBoundaries, Restorations, Revocation } from '../record.ts';
import { countRestoration } from '../restorations.ts';
import type { Transition, ValueMoves } from '../values.ts';

/** What the record and the values are after a step that has the Secret tell what is so at the provider. */
export function mirrorTransition(
  o: Observation,
  refused: RefusedBoundaries,
  action: MirrorAction,
): Transition {
  switch (action.kind) {
    case 'BeginRotation':
    case 'DropIntent':
      return {
        record: {
          ...recordOf(o),
          refused,
          intent: action.kind === 'BeginRotation' ? action.intent : undefined,
        },
        values: { current: 'observed', previous: 'keep' },
      };
    case 'Import':
      return {
        record: {
          current: action.current,
          previous: action.previous,
          lastRevocation: undefined,
          refused,
          restorations: undefined,
          intent: undefined,
        },
        values: { current: 'provider', previous: action.previous ? 'provider' : 'none' },
      };
    case 'ConcludeRotation': {
      const { current: retired, lastRevocation } = recordOf(o);
      const isKept = action.previous?.version === retired.version;
      return {
        record: {
          ...recordOf(o),
          current: action.current,
          previous: action.previous,
          lastRevocation: isKept
            ? lastRevocation
            : replaced(o, retired, action.cause, action.verification),
          refused,
          intent: undefined,
        },
        values: { current: 'provider', previous: action.previous ? retainedValue(o) : 'none' },
      };
    }
    case 'Follow': {
      const { previous, lastRevocation } = recordOf(o);
      const current = action.current ?? recordOf(o).current;
      const next = action.previous === 'keep' ? previous : action.previous;
      return {
        record: {
          ...recordOf(o),
          current,
          previous: next,
          lastRevocation: overtaken(o, current, next) ?? lastRevocation,
          refused,
        },
        values: {
          current: action.current === undefined ? 'observed' : 'provider',
          previous: action.previous === 'keep' ? 'keep' : 'provider',
        },
      };
    }
    case 'Republish':
      return {
        record: { ...recordOf(o), restorations: restorationsAfter(o), refused },
        values: {
          current: 'provider',
          previous: providersPrevious(o)?.is === 'previous' ? 'provider' : 'keep',
        },
      };
  }
}

/** What became of the secrets on record where others have taken their places at the provider. */
function overtaken(
  o: Observation,
  ...valid: readonly (IssuedSecret | undefined)[]
): Revocation | undefined {
  const { current, previous } = recordOf(o);
  const isGone = ({ version }: IssuedSecret) =>
    !valid.some((secret) => secret?.version === version);
  if (isGone(current)) return ended(o, current, 'NotRetained');
  return previous !== undefined && isGone(previous) ? ended(o, previous, 'Removed') : undefined;
}

/** Where the value is of what is retained: at the provider, if it shows it. */
function retainedValue(o: Observation): ValueMoves['previous'] {
  return providersPrevious(o) === undefined ? 'current' : 'provider';
}

function providersPrevious({ authority }: Observation): ProviderPrevious | undefined {
  return authority.kind === 'provider' ? authority.view?.previous : undefined;
}

function restorationsAfter(o: Observation): Restorations | undefined {
  const current = o.home?.current;
  if (current?.kind === 'intact') return recordOf(o).restorations;
  const isForged = current?.kind === 'former' || current?.kind === 'foreign';
  return countRestoration(recordOf(o), o.now, isForged ? current.manager : undefined);
}
