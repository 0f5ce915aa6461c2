import type { ConditionState } from '../../api/conditions.ts';
import { formatTimestamp } from '../../api/timestamp.ts';
import type { Wait } from '../../rotation/decision.ts';
import { predatesDiscovery } from '../../rotation/provider/retained.ts';
import type { RetainedSecret, RevocationReason } from '../../rotation/record.ts';
import { isToEnd } from '../../rotation/rules/end-previous.ts';
import { expiryOf } from '../../rotation/schedule.ts';
import type { Gathered } from '../gather.ts';
import type { Ending } from './ending.ts';
import type { Obstacle } from './obstacle.ts';

/**
 * PreviousSecretRetained: whether a client secret beside the current one is valid. It is False only
 * once that secret is gone from the backing Secret.
 */
export function previousSecretRetained(
  g: Gathered,
  ending: Ending,
  impediment: Obstacle | undefined,
): ConditionState {
  const record = g.home?.stored.record;
  if (record === undefined) {
    if (impediment !== undefined) {
      return condition('Unknown', impediment.reason, impediment.message);
    }
    return g.application?.status?.currentSecret === undefined
      ? condition('False', 'NeverRotated', 'No client secret was replaced yet.')
      : condition('False', 'Revoked', 'The backing Secret is gone, with all that was valid in it.');
  }
  const { previous, lastRevocation } = record;
  if (previous !== undefined) return stillValid(g, ending, previous);
  if (g.observation.home?.previous === 'stray') {
    return condition(
      'True',
      ending.kind === 'failed' ? 'RevocationFailed' : 'RevocationPending',
      'The backing Secret holds a previous client secret that no rotation put there.',
    );
  }
  if (lastRevocation === undefined) {
    return condition('False', 'NeverRotated', 'No client secret was replaced yet.');
  }
  const { version, time, reason } = lastRevocation;
  return condition(
    'False',
    ENDED[reason],
    `Client secret version ${version} ${HOW_ENDED[reason]} at ${formatTimestamp(time)}.`,
  );
}

const ENDED: Readonly<Record<RevocationReason, string>> = {
  Requested: 'Revoked',
  RetiredBefore: 'Revoked',
  IssuedBefore: 'Revoked',
  Removed: 'Revoked',
  Expired: 'Expired',
  NotRetained: 'NotRetained',
  Deleted: 'Revoked',
};

const HOW_ENDED: Readonly<Record<RevocationReason, string>> = {
  Requested: 'was revoked by spec.revokePreviousSecret',
  RetiredBefore: 'was revoked by spec.revokeRetiredBefore',
  IssuedBefore: 'was revoked by spec.revokeIssuedBefore',
  Removed: 'was ended by somebody else, noticed',
  Deleted: 'was revoked when its application was deleted',
  Expired: 'expired',
  NotRetained: 'was replaced without being retained',
};

function stillValid(g: Gathered, ending: Ending, previous: RetainedSecret): ConditionState {
  const { version } = previous;
  if (ending.kind === 'failed' && ending.action.kind === 'RevokePrevious') {
    return condition(
      'True',
      'RevocationFailed',
      `Client secret version ${version} is still valid: ending it failed and is tried again. ${ending.message}`,
    );
  }
  const { observation } = g;
  const wait = ending.kind === 'settled' ? ending.wait : undefined;
  if (wait?.pending?.kind === 'StillAccepted') {
    return condition(
      'True',
      'RevocationPending',
      `Client secret version ${version} has ended, but the identity provider still accepts it.`,
    );
  }
  if (observation.home !== undefined && isToEnd(observation, observation.home)) {
    return toEnd(version, wait);
  }
  if (predatesDiscovery(observation, previous)) {
    return condition(
      'True',
      'RevocationHeld',
      `Client secret version ${version} stays valid until ${formatTimestamp(expiryOf(previous))}: ` +
        'somebody else retained it at the identity provider after spec.revokePreviousSecret had been set ' +
        'to true. Change spec to have it revoked, as by revokeRetiredBefore.',
    );
  }
  return condition(
    'True',
    'Retained',
    `Client secret version ${version} stays valid until ${formatTimestamp(expiryOf(previous))}.`,
  );
}

function toEnd(version: number, wait: Wait | undefined): ConditionState {
  const trouble = wait?.trouble;
  return trouble === undefined
    ? condition(
        'True',
        'RevocationPending',
        `Client secret version ${version} is to end, but is still valid.`,
      )
    : condition(
        'True',
        'RevocationFailed',
        `Client secret version ${version} is still valid: ending it failed and is tried again. ${trouble.message}`,
      );
}

function condition(
  status: ConditionState['status'],
  reason: string,
  message: string,
): ConditionState {
  return { type: 'PreviousSecretRetained', status, reason, message };
}
