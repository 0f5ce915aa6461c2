import type { ApplicationSpec } from '../../api/application.ts';
import { conditionOf, trueCondition } from '../../api/conditions.ts';
import type { Application } from '../application.ts';
import { isBefore } from '../boundary.ts';
import { blocked, type Progress, pending } from './goal.ts';

/** What is still valid although spec says that it must have ended. */
export function unfulfilledRevocation(
  application: Application,
  spec: ApplicationSpec,
  now: number,
): Progress | undefined {
  const { currentSecret, previousSecret } = application.status;
  if (
    currentSecret !== undefined &&
    isBefore(currentSecret.issuedAt, spec.revokeIssuedBefore, now)
  ) {
    return unfulfilled(application, currentSecret.version);
  }
  if (
    previousSecret !== undefined &&
    (spec.revokePreviousSecret ||
      isBefore(previousSecret.retiredAt, spec.revokeRetiredBefore, now) ||
      isBefore(previousSecret.issuedAt, spec.revokeIssuedBefore, now))
  ) {
    return unfulfilled(application, previousSecret.version);
  }
  const retained = trueCondition(application, 'PreviousSecretRetained');
  return retained === undefined || retained.reason === 'Retained'
    ? undefined
    : pending(retained.message);
}

function unfulfilled(application: Application, version: number): Progress {
  const ready = conditionOf(application, 'Ready');
  const retained = conditionOf(application, 'PreviousSecretRetained');
  if (ready?.status === 'False' && ready.reason === 'Suspended') return blocked(ready.message);
  if (retained?.reason === 'RevocationFailed') return pending(retained.message);
  return pending(ready?.status === 'False' ? ready.message : `version ${version} is still valid.`);
}
