import { retirementTime } from '../boundaries.ts';
import type { Observation } from '../observation.ts';
import type { IssuedSecret, Millis, RetainedSecret } from '../record.ts';
import { LONGEST_RETENTION } from '../schedule.ts';

/**
 * The record of a previous secret that somebody else retained at the provider: it counts as retired
 * when it was found, and ends when the provider ends it.
 */
export function discovered(
  o: Observation,
  secret: IssuedSecret,
  expiresAt: Millis | undefined,
): RetainedSecret {
  const retiredAt = retirementTime(o, secret);
  return {
    version: secret.version,
    issuedAt: secret.issuedAt,
    retiredAt,
    expiresAt: expiresAt ?? retiredAt + LONGEST_RETENTION,
    discovery: { uid: o.uid, generation: o.generation },
  };
}

/**
 * Whether a `revokePreviousSecret: true` already stood when the previous secret was found: it was
 * not said of that secret, and does not end it until spec is changed.
 */
export function predatesDiscovery(o: Observation, { discovery }: RetainedSecret): boolean {
  if (discovery === undefined || !o.spec.revokePreviousSecret) return false;
  // An object that was restored counts its generations anew.
  return o.generation <= (discovery.uid === o.uid ? discovery.generation : 1);
}
