import type { Expectation } from './expectation.ts';
import { expiryOf } from './record.ts';
import { mayBeDue } from './rotations.ts';
import { type Millis, SLACK } from './times.ts';

/** Whether time alone may change something about `now`. */
export function isRestless({ application, home, besieged }: Expectation, now: Millis): boolean {
  if (besieged) return true;
  const { rotateAfter, every } = application.spec;
  const moments = [rotateAfter];
  if (home !== undefined) {
    const { issuedAt, previous } = home.record;
    if (previous !== undefined) moments.push(expiryOf(previous));
    if (
      every !== undefined &&
      mayBeDue({ ...application.spec, rotateAfter: undefined }, issuedAt, now + RESTLESS)
    ) {
      moments.push(now);
    }
  }
  return moments.some((at) => at !== undefined && Math.abs(at - now) < RESTLESS);
}

const RESTLESS: Millis = 2 * SLACK;
