import { type ConditionState, nextConditions } from '../../api/conditions.ts';
import type { OIDCApplicationStatus } from '../../api/oidcapplication.gen.ts';
import { formatTimestamp } from '../../api/timestamp.ts';
import type { Trouble } from '../../rotation/authority.ts';
import type { Impediment } from '../../rotation/decision.ts';
import type { SecretRecord } from '../../rotation/record.ts';
import { expiryOf, type KnownSecrets, nextRotation } from '../../rotation/schedule.ts';
import type { Gathered } from '../gather.ts';
import type { OIDCApplication } from '../resources.ts';
import { lastRevocationStatus, previousStatus } from './ended-secrets.ts';
import type { Ending } from './ending.ts';
import { previousSecretRetained } from './previous-secret-retained.ts';
import { ready } from './ready.ts';
import { recallSecrets, rememberedSecrets, type SecretsStatus } from './remembered.ts';
import { rotationHeld } from './rotation-held.ts';

/** The whole status that a reconciliation's ending amounts to; it changes only if something did. */
export function statusOf(
  application: OIDCApplication,
  g: Gathered,
  ending: Ending,
): OIDCApplicationStatus {
  const record = g.home?.stored.record;
  const impediment = impedimentOf(g, ending);
  const obstacle = impediment ?? troubleOf(ending);
  const { generation } = application.metadata;
  return {
    observedGeneration: generation,
    clientID: g.spec.clientID,
    secretName: g.home?.secret.metadata.name ?? g.spec.secretName,
    ...(record === undefined
      ? rememberedSecrets(application.status, obstacle)
      : recordedSecrets(record, ending, g, application.status)),
    ...nextRotationTime(g, record ?? (obstacle && recallSecrets(application.status))),
    conditions: nextConditions(
      application.status?.conditions ?? [],
      conditions(application, g, ending, impediment),
      generation,
      g.observation.now,
    ),
  };
}

function recordedSecrets(
  { current, previous, lastRevocation }: SecretRecord,
  ending: Ending,
  g: Gathered,
  before: OIDCApplicationStatus | undefined,
): SecretsStatus {
  return {
    currentSecret: { version: current.version, issuedAt: formatTimestamp(current.issuedAt) },
    ...(previous !== undefined && { previousSecret: previousStatus(g, previous, before) }),
    ...lastRevocationStatus(ending, lastRevocation, g, before),
  };
}

function nextRotationTime(
  g: Gathered,
  record: KnownSecrets | undefined,
): { nextRotationTime?: string } {
  if (record === undefined || g.spec.suspend) return {};
  const next = nextRotation(g.observation, record);
  if (next === undefined) return {};
  const free = record.previous === undefined ? 0 : expiryOf(record.previous);
  return { nextRotationTime: formatTimestamp(Math.max(next.at, free)) };
}

function conditions(
  application: OIDCApplication,
  g: Gathered,
  ending: Ending,
  impediment: Impediment | undefined,
): readonly ConditionState[] {
  const hold = ending.kind === 'settled' ? ending.wait.hold : undefined;
  const trouble = troubleOf(ending);
  const obstacle = impediment ?? trouble;
  const states = [ready(g, ending, obstacle), previousSecretRetained(g, ending, obstacle)];
  if (hold !== undefined) states.push(rotationHeld(application, g, hold));
  const stalling = trouble?.lasting === true ? (impediment ?? trouble) : impediment;
  if (stalling !== undefined && stalling.reason !== 'SecretTerminating') {
    const { reason, message } = stalling;
    states.push({ type: 'Stalled', status: 'True', reason, message });
  }
  return states;
}

function troubleOf(ending: Ending): Trouble | undefined {
  return ending.kind === 'settled' ? ending.wait.trouble : undefined;
}

function impedimentOf(g: Gathered, ending: Ending): Impediment | undefined {
  if (g.invalidSpec !== undefined) {
    return {
      reason: 'InvalidSpec',
      message:
        `${g.invalidSpec.message}. Nothing but the expiry of what was retained is done until it ` +
        'is put right.',
    };
  }
  return ending.kind === 'settled' ? ending.wait.impediment : undefined;
}
