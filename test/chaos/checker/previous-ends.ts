import type { Expectation, ReadableHome, Verdict } from './expectation.ts';
import type { ApplicationState } from './observed.ts';
import { expiryOf, type PreviousRecord } from './record.ts';
import { type Millis, SLACK } from './times.ts';

/** Whether the previous secret should have ended by `now`, whatever keeps it from being dropped. */
export function previousEnds(
  { spec }: ApplicationState,
  home: ReadableHome | undefined,
  boundaries: Expectation['boundaries'],
  now: Millis,
): Verdict {
  const previous = home?.record.previous;
  if (previous === undefined) return 'no';
  const { retiredAt, issuedAt } = previous;
  const verdicts: Verdict[] = [spec.revokePreviousSecret ? 'yes' : 'no', expired(previous, now)];
  if (retiredAt < (spec.revokeRetiredBefore?.time ?? 0)) {
    verdicts.push(boundaries.revokeRetiredBefore);
  }
  if (issuedAt < (spec.revokeIssuedBefore?.time ?? 0)) verdicts.push(boundaries.revokeIssuedBefore);
  if (verdicts.includes('yes')) return 'yes';
  return verdicts.includes('unsure') ? 'unsure' : 'no';
}

function expired(previous: PreviousRecord, now: Millis): Verdict {
  const past = now - expiryOf(previous);
  if (past >= SLACK) return 'yes';
  return past <= -SLACK ? 'no' : 'unsure';
}
