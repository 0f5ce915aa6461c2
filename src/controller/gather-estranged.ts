import { LOCAL } from './authority/consult.ts';
import { type Home, inspectHome, NO_UPSTREAM } from './backing-secret/inspect.ts';
import type { Identity } from './backing-secret/ownership.ts';
import type { Gathered, Sources } from './gather.ts';
import { readSpec } from './read-spec.ts';

/**
 * Of the Secrets that an application had at another identity provider, the one whose previous secret ends
 * first; as of an application that is gone, since what was retained there still ends at its expiry.
 */
export function gatherEstranged(
  sources: Sources,
  ref: Gathered['ref'],
  homes: readonly Home[],
): Gathered | undefined {
  const end = ({ stored }: Home) => stored.record.previous?.expiresAt ?? Number.POSITIVE_INFINITY;
  const [home] = homes
    .filter(({ secret, stored }) => !secret.immutable && stored.record.previous !== undefined)
    .sort((a, b) => end(a) - end(b));
  if (home === undefined) return undefined;
  const { spec } = readSpec(ref, undefined);
  const identity: Identity = { name: ref.name, uid: '', provider: undefined, isGone: true };
  return {
    ref,
    application: undefined,
    identity,
    spec,
    invalidSpec: undefined,
    home,
    target: undefined,
    targetAssumed: false,
    leftover: undefined,
    estranged: undefined,
    provider: undefined,
    observation: {
      now: sources.clock.now(),
      clockTrusted: sources.clockGuard.isTrusted(),
      rotationsPaused: sources.rotationsPaused,
      spec,
      uid: '',
      generation: 0,
      authority: LOCAL,
      deletedAt: undefined,
      holdsDeletion: false,
      expiryOnly: true,
      home: inspectHome(home, {
        identity,
        spec: undefined,
        leftover: undefined,
        upstream: NO_UPSTREAM,
      }),
      target: { kind: 'free' },
      versionFloor: 0,
    },
  };
}
