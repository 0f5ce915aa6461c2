import { issueTime } from '../boundaries.ts';
import type { Action } from '../decision.ts';
import type { Observation } from '../observation.ts';
import { importFromProvider } from '../provider/import.ts';

/** An application without a backing Secret gets one: issued, imported, or adopted where one is offered. */
export function establish(o: Observation): Action | undefined {
  const version = o.versionFloor + 1;
  switch (o.target.kind) {
    case 'free':
      return (
        importFromProvider(o) ?? {
          kind: 'Issue',
          cause: 'NoSecret',
          version,
          issuedAt: issueTime(o),
        }
      );
    case 'adoptable':
      return importFromProvider(o) ?? { kind: 'Adopt', version, issuedAt: o.now };
    default:
      return undefined;
  }
}
