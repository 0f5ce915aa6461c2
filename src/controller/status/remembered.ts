import type { OIDCApplicationStatus } from '../../api/oidcapplication.gen.ts';
import { parseTimestamp } from '../../api/timestamp.ts';
import type { KnownSecrets } from '../../rotation/schedule.ts';
import type { Obstacle } from './obstacle.ts';

export type SecretsStatus = Pick<
  OIDCApplicationStatus,
  'currentSecret' | 'previousSecret' | 'lastRevocation'
>;

/** What was published last is kept, so that no version is given twice. */
export function rememberedSecrets(
  before: OIDCApplicationStatus | undefined,
  obstacle: Obstacle | undefined,
): SecretsStatus {
  const { currentSecret, previousSecret, lastRevocation } = before ?? {};
  return {
    ...(currentSecret !== undefined && { currentSecret }),
    ...(obstacle !== undefined && previousSecret !== undefined && { previousSecret }),
    ...(lastRevocation !== undefined && { lastRevocation }),
  };
}

/** The secrets that status told of: a backing Secret that cannot be read postpones no rotation of them. */
export function recallSecrets(before: OIDCApplicationStatus | undefined): KnownSecrets | undefined {
  const { currentSecret, previousSecret } = before ?? {};
  const current = currentSecret && issued(currentSecret);
  if (current === undefined) return undefined;
  const previous = previousSecret && issued(previousSecret);
  const retiredAt = parseTimestamp(previousSecret?.retiredAt ?? '');
  const expiresAt = parseTimestamp(previousSecret?.expiresAt ?? '');
  const isWhole = previous !== undefined && retiredAt !== undefined && expiresAt !== undefined;
  return { current, previous: isWhole ? { ...previous, retiredAt, expiresAt } : undefined };
}

function issued(secret: {
  readonly version: number;
  readonly issuedAt: string;
}): KnownSecrets['current'] | undefined {
  const issuedAt = parseTimestamp(secret.issuedAt);
  return issuedAt === undefined ? undefined : { version: secret.version, issuedAt };
}
