import { formatTimestamp } from '../../api/timestamp.ts';
import { ProviderError } from '../provider-error.ts';

const SHORTEST_MS = 60_000;

/** The longest retention: 30 days, in milliseconds (OpenAPI, ApplicationSecret.previous.expiresAt). */
export const LONGEST_OVERLAP_MS = 30 * 24 * 60 * 60 * 1000;

/** How far PingOne's clock may be from ours, and a request under way, in milliseconds. */
export const CLOCK_TOLERANCE_MS = 30_000;

/**
 * The `previous.expiresAt` to send for a secret retained until `retainUntil` (epoch milliseconds).
 * PingOne takes 1 minute to 30 days from its own now on. A retention of just that length has aged
 * by the time it is sent, so within the tolerance it is moved inside the bounds; the caller ends
 * the secret at its own deadline in any case.
 *
 * @throws {ProviderError} ProviderRejected where it is out of bounds
 */
export function previousExpiresAt(retainUntil: number, now: number): string {
  const ahead = retainUntil - now;
  if (
    !(ahead >= SHORTEST_MS - CLOCK_TOLERANCE_MS && ahead <= LONGEST_OVERLAP_MS + CLOCK_TOLERANCE_MS)
  ) {
    throw new ProviderError(
      'ProviderRejected',
      'not rotated: PingOne retains a previous client secret for 1 minute to 30 days',
    );
  }
  const earliest = now + SHORTEST_MS + CLOCK_TOLERANCE_MS;
  const latest = now + LONGEST_OVERLAP_MS - CLOCK_TOLERANCE_MS;
  return formatTimestamp(Math.min(Math.max(retainUntil, earliest), latest));
}
