import type { Action, Pending } from '../decision.ts';
import type { Observation, OwnedSecret } from '../observation.ts';

/** What is waited for at a provider that answers, `blocked` being what does not go on for it. */
export function pendingAtProvider(
  { authority, now }: Observation,
  { record }: OwnedSecret,
  blocked: Action | undefined,
): Pending | undefined {
  if (authority.kind === 'local' || authority.trouble !== undefined) return undefined;
  const { intent, previous } = record;
  if (intent !== undefined) {
    const { version } = intent;
    return authority.view?.current === 'other'
      ? { kind: 'NotYetAccepted', version }
      : { kind: 'RotationUnclear', version };
  }
  if (blocked?.kind === 'Rotate' && now < (authority.settlesAt ?? 0)) {
    return { kind: 'RevocationUnclear', version: blocked.version };
  }
  return blocked?.kind === 'RevokePrevious' && previous !== undefined
    ? { kind: 'StillAccepted', version: previous.version, reason: blocked.reason }
    : undefined;
}
