import type { ProviderView } from '../authority.ts';
import type { Observation } from '../observation.ts';
import type { Millis } from '../record.ts';
import { mayReplaceFormer } from '../restorations.ts';
import type { Rule } from '../rules/rule.ts';
import { expiryOf } from '../schedule.ts';
import { nextVersion } from '../versions.ts';
import { discovered } from './retained.ts';

/** The provider ends a secret by its own clock. */
const CLOCK_MARGIN: Millis = 30_000;

/** Somebody changed the client's secrets at the provider: the backing Secret follows. */
export const follow: Rule = {
  name: 'follow',
  authority: 'provider',
  timed: true,
  suspendable: true,
  outlivesApplication: false,
  apply(o, { record }) {
    const view = viewOf(o);
    if (view === undefined || record.intent !== undefined) return undefined;
    const isReplaced = view.current === 'other';
    const retains = view.previous !== undefined && view.previous.is !== 'previous';
    if (!isReplaced && view.previous?.is !== 'other') return undefined;
    const next = nextVersion(o, record);
    const isUnknown = view.previous?.is === 'other';
    return {
      kind: 'Follow',
      current: isReplaced ? { version: isUnknown ? next + 1 : next, issuedAt: o.now } : undefined,
      previous: retains
        ? discovered(
            o,
            isUnknown ? { version: next, issuedAt: o.now } : record.current,
            view.previous.expiresAt,
          )
        : 'keep',
    };
  },
};

/** Somebody changed a value in the backing Secret: the provider's is put back. */
export const republish: Rule = {
  name: 'republish',
  authority: 'provider',
  timed: false,
  suspendable: true,
  outlivesApplication: false,
  apply(o, home) {
    const isChanged = home.current.kind !== 'intact' && mayReplaceFormer(home.record, o.now);
    if (!isChanged && home.previous !== 'lost') return undefined;
    const view = viewOf(o);
    if (view === undefined) return { kind: 'ReadProvider' };
    const puts = isChanged && view.current === 'recorded';
    const putsPrevious = home.previous === 'lost' && view.previous?.is === 'previous';
    return puts || putsPrevious ? { kind: 'Republish' } : undefined;
  },
};

/** A previous secret that the provider does not have any more has ended there. */
export const endVanished: Rule = {
  name: 'endVanished',
  authority: 'provider',
  timed: false,
  suspendable: false,
  outlivesApplication: true,
  apply(o, { record }) {
    const view = viewOf(o);
    if (view === undefined || record.previous === undefined || record.intent !== undefined) {
      return undefined;
    }
    if (view.previous?.is === 'previous') return undefined;
    const expired = o.now + CLOCK_MARGIN >= expiryOf(record.previous);
    return { kind: 'RevokePrevious', reason: expired ? 'Expired' : 'Removed' };
  },
};

function viewOf({ authority }: Observation): ProviderView | undefined {
  return authority.kind === 'provider' ? authority.view : undefined;
}
