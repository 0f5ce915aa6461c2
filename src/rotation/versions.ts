import type { Observation } from './observation.ts';
import type { SecretRecord } from './record.ts';

/** A version above every one that the backing Secret or status remembers. */
export function nextVersion(o: Observation, { current, previous }: SecretRecord): number {
  return Math.max(current.version, previous?.version ?? 0, o.versionFloor) + 1;
}

/**
 * Whether the backing Secret is at a version below one that status remembers: somebody restored an
 * older state of it. Where an identity provider is the authority, what it has is published anyway.
 */
export function isOlderState({ authority, deletedAt, home, versionFloor }: Observation): boolean {
  if (authority.kind === 'provider' || deletedAt !== undefined || home === undefined) return false;
  return home.record.current.version < versionFloor;
}
