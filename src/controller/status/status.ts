import { type ConditionState, nextConditions } from '../../api/conditions.ts';
import type { OIDCApplicationStatus } from '../../api/oidcapplication.gen.ts';
import { formatTimestamp } from '../../api/timestamp.ts';
import type { Impediment } from '../../rotation/decision.ts';
import type { SecretRecord } from '../../rotation/record.ts';
import { expiryOf, nextRotation } from '../../rotation/schedule.ts';
import type { Gathered } from '../gather.ts';
import type { OIDCApplication } from '../resources.ts';
import type { Ending } from './ending.ts';
import { previousSecretRetained } from './previous-secret-retained.ts';
import { ready } from './ready.ts';
import { rotationHeld } from './rotation-held.ts';

/** The whole status that a reconciliation's ending amounts to; it changes only if something did. */
export function statusOf(
  application: OIDCApplication,
  g: Gathered,
  ending: Ending,
): OIDCApplicationStatus {
  const record = g.home?.stored.record;
  const impediment = impedimentOf(g, ending);
  const { generation } = application.metadata;
  return {
    observedGeneration: generation,
    clientID: g.spec.clientID,
    secretName: g.home?.secret.metadata.name ?? g.spec.secretName,
    ...(record === undefined
      ? rememberedSecrets(application.status, impediment)
      : recordedSecrets(record)),
    ...(record !== undefined && !g.spec.suspend && nextRotationTime(g, record)),
    conditions: nextConditions(
      application.status?.conditions ?? [],
      conditions(application, g, ending, impediment),
      generation,
      g.observation.now,
    ),
  };
}

type SecretsStatus = Pick<
  OIDCApplicationStatus,
  'currentSecret' | 'previousSecret' | 'lastRevocation'
>;

/** What was published last is kept, so that no version is given twice. */
function rememberedSecrets(
  before: OIDCApplicationStatus | undefined,
  impediment: Impediment | undefined,
): SecretsStatus {
  const { currentSecret, previousSecret, lastRevocation } = before ?? {};
  return {
    ...(currentSecret !== undefined && { currentSecret }),
    ...(impediment !== undefined && previousSecret !== undefined && { previousSecret }),
    ...(lastRevocation !== undefined && { lastRevocation }),
  };
}

function recordedSecrets({ current, previous, lastRevocation }: SecretRecord): SecretsStatus {
  return {
    currentSecret: { version: current.version, issuedAt: formatTimestamp(current.issuedAt) },
    ...(previous !== undefined && {
      previousSecret: {
        version: previous.version,
        issuedAt: formatTimestamp(previous.issuedAt),
        retiredAt: formatTimestamp(previous.retiredAt),
        expiresAt: formatTimestamp(expiryOf(previous)),
      },
    }),
    ...(lastRevocation !== undefined && {
      lastRevocation: {
        version: lastRevocation.version,
        time: formatTimestamp(lastRevocation.time),
        reason: lastRevocation.reason,
      },
    }),
  };
}

function nextRotationTime(g: Gathered, record: SecretRecord): { nextRotationTime?: string } {
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
  const states = [ready(g, ending, impediment), previousSecretRetained(g, ending, impediment)];
  if (hold !== undefined) states.push(rotationHeld(application, g, hold));
  if (impediment !== undefined && impediment.reason !== 'SecretTerminating') {
    states.push({ type: 'Stalled', status: 'True', ...impediment });
  }
  return states;
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
