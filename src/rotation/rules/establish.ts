import { issueTime } from '../boundaries.ts';
import type { Action } from '../decision.ts';
import type { Observation } from '../observation.ts';

/** An application without a backing Secret gets one: issued, or adopted where one is offered. */
export function establish(o: Observation): Action | undefined {
  const version = o.versionFloor + 1;
  switch (o.target.kind) {
    case 'free':
      return { kind: 'Issue', cause: 'NoSecret', version, issuedAt: issueTime(o) };
    case 'adoptable':
      return { kind: 'Adopt', version, issuedAt: o.now };
    default:
      return undefined;
  }
}
