import { previousTokens } from './backing-secret.ts';
import type { SecretState } from './observed.ts';
import { recordOf } from './record.ts';

/** What a write of the operator amounts to, in a word, so that a run can tell what it went through. */
export function kindOfWrite(before: SecretState | undefined, after: SecretState): string {
  const was = before && recordOf(before);
  const is = recordOf(after);
  if (was === undefined || is === undefined) return 'established';
  if (is.version === was.version) {
    if (was.previous !== undefined && is.previous === undefined) return 'ended a previous secret';
    const dropped = before && previousTokens(before).length > previousTokens(after).length;
    return dropped ? 'dropped a stray secret' : 'put right';
  }
  return is.previous?.version === was.version ? 'rotated, retained' : 'replaced, not retained';
}
