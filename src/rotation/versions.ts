import type { Observation } from './observation.ts';
import type { SecretRecord } from './record.ts';

/** A version above every one that the backing Secret or status remembers. */
export function nextVersion(o: Observation, record: SecretRecord): number {
  return Math.max(record.current.version, o.versionFloor) + 1;
}
