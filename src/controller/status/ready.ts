import type { ConditionState } from '../../api/conditions.ts';
import type { Impediment } from '../../rotation/decision.ts';
import type { Gathered } from '../gather.ts';
import { describe } from './describe.ts';
import type { Ending } from './ending.ts';

/** Ready: the current client secret is published and spec holds. */
export function ready(
  g: Gathered,
  ending: Ending,
  impediment: Impediment | undefined,
): ConditionState {
  if (impediment !== undefined) return notReady(impediment.reason, impediment.message);
  if (ending.kind === 'failed') {
    return notReady(
      'SecretWriteFailed',
      `${describe(ending.action)} failed and is tried again: ${ending.message}`,
    );
  }
  const { awaitsClock, hold } = ending.wait;
  if (awaitsClock !== undefined) {
    return notReady(
      'ClockSkew',
      `${describe(awaitsClock)} waits: the operator's clock and the API server's differ by more ` +
        'than 30 seconds, or could not be compared. Synchronise the clocks.',
    );
  }
  const { home, spec } = g;
  if (home === undefined || g.observation.home?.current.kind !== 'intact') {
    const missing =
      home === undefined
        ? 'No client secret is published.'
        : `Somebody changed or removed the client secret in Secret ${home.secret.metadata.name}.`;
    return spec.suspend
      ? notReady('Suspended', `${missing} ${SUSPENDED}`)
      : notReady('NotPublished', missing);
  }
  if (hold?.cause === 'IssuedBefore') {
    return notReady(
      'Suspended',
      `spec.revokeIssuedBefore asks for a new client secret, but the one in use stays valid. ${SUSPENDED}`,
    );
  }
  const published =
    `Client secret version ${home.stored.record.current.version} is published in Secret ` +
    `${home.secret.metadata.name}.`;
  if (spec.suspend) return isReady('Suspended', `${published} ${SUSPENDED}`);
  if (hold !== undefined) return isReady('RotationHeld', `${published} A rotation is held.`);
  return isReady('Published', published);
}

const SUSPENDED = 'spec.suspend is true: nothing is issued, rotated or repaired.';

function isReady(reason: string, message: string): ConditionState {
  return { type: 'Ready', status: 'True', reason, message };
}

function notReady(reason: string, message: string): ConditionState {
  return { type: 'Ready', status: 'False', reason, message };
}
