import type { Arrival } from './goals/await.ts';
import type { Result } from './render/results.ts';
import { stateOf } from './render/state.ts';

/** What to tell of an application that was waited for. */
export function arrivalResult({ name, progress, application }: Arrival): Result {
  if (progress.kind !== 'reached') {
    return { name, outcome: 'NotReached', message: progress.message };
  }
  const message = application === undefined ? 'it is as asked.' : stateOf(application);
  return { name, outcome: 'Reached', message };
}
