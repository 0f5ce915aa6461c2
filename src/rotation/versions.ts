import type { Observation } from './observation.ts';
import type { SecretRecord } from './record.ts';

/** A version above every one that the backing Secret or status remembers. */
export function nextVersion(o: Observation, { current, previous }: SecretRecord): number {
  return Math.max(current.version, previous?.version ?? 0, o.versionFloor) + 1;
}
