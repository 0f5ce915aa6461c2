import { createHash } from 'node:crypto';
import { CLOCK_TOLERANCE } from '../../api/timestamp.ts';
import type { Observation } from '../observation.ts';
import type { Millis } from '../record.ts';
import type { Rule } from '../rules/rule.ts';

/** The provider is read at an interval, to notice what others changed there. */
export const resync: Rule = {
  name: 'resync',
  authority: 'provider',
  timed: false,
  suspendable: false,
  outlivesApplication: false,
  apply(o, { record }) {
    const { authority } = o;
    if (authority.kind === 'local' || authority.view !== undefined) return undefined;
    const next = nextReading(o);
    const isDue = next === undefined || o.now >= next;
    const clockWentBack = (authority.lastReadAt ?? 0) > o.now + CLOCK_TOLERANCE;
    // The Secret was put back to an earlier state, such as that of a backup.
    const recordWentBack = o.versionFloor > record.current.version;
    return isDue || clockWentBack || recordWentBack ? { kind: 'ReadProvider' } : undefined;
  },
};

/**
 * When the provider is to be read next: once in every interval, at an instant within it that the
 * UID's hash decides, so that a fleet is not read at once.
 */
export function nextReading({ authority, uid }: Observation): Millis | undefined {
  if (authority.kind === 'local' || authority.lastReadAt === undefined) return undefined;
  const { lastReadAt, resyncInterval } = authority;
  const share = createHash('sha256').update(`resync ${uid}`).digest().readUInt32BE(0) / 2 ** 32;
  const offset = Math.floor(share * resyncInterval);
  return (Math.floor((lastReadAt - offset) / resyncInterval) + 1) * resyncInterval + offset;
}
