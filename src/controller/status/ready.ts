import type { ConditionState } from '../../api/conditions.ts';
import type { Pending } from '../../rotation/decision.ts';
import type { Gathered } from '../gather.ts';
import { describe } from './describe.ts';
import type { Ending } from './ending.ts';
import type { Obstacle } from './obstacle.ts';

/** Ready: the current client secret is published and spec holds. */
export function ready(
  g: Gathered,
  ending: Ending,
  impediment: Obstacle | undefined,
): ConditionState {
  if (impediment !== undefined) return notReady(impediment.reason, impediment.message);
  if (ending.kind === 'failed') {
    return notReady(
      'SecretWriteFailed',
      `${describe(ending.action)} failed and is tried again: ${ending.message}`,
    );
  }
  const { awaitsClock, hold, pending } = ending.wait;
  if (awaitsClock !== undefined) {
    return notReady(
      'ClockSkew',
      `${describe(awaitsClock)} waits: the operator's clock and the API server's differ by more ` +
        'than 30 seconds, or could not be compared. Synchronise the clocks.',
    );
  }
  if (pending !== undefined) return notReady(...PENDING[pending.kind](pending));
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

const PENDING: Readonly<Record<Pending['kind'], (pending: Pending) => [string, string]>> = {
  NotYetAccepted: ({ version }) => [
    'RotationPending',
    `The identity provider has issued version ${version}, but does not accept it yet. It is published ` +
      'once it does; until then the one before stays published.',
  ],
  RotationUnclear: ({ version }) => [
    'RotationPending',
    `Whether the identity provider has issued version ${version} is not known: its answer did not come. ` +
      'It is read again before anything else is asked of it.',
  ],
  RevocationUnclear: ({ version }) => [
    'RotationPending',
    `Version ${version} is issued shortly: the answer to a revocation did not come, which may still take ` +
      'effect and must not reach what is retained now.',
  ],
  StillAccepted: ({ version }) => [
    'RevocationPending',
    `Client secret version ${version} has ended, but the identity provider still accepts it.`,
  ],
};

const SUSPENDED = 'spec.suspend is true: nothing is issued, rotated or repaired.';

function isReady(reason: string, message: string): ConditionState {
  return { type: 'Ready', status: 'True', reason, message };
}

function notReady(reason: string, message: string): ConditionState {
  return { type: 'Ready', status: 'False', reason, message };
}
