import { type ConditionState, nextConditions } from '../../api/conditions.ts';
import { formatDuration } from '../../api/duration.ts';
import type { CapabilitiesStatus, ClusterOIDCProviderStatus } from '../../api/oidcprovider.gen.ts';
import type { Capabilities } from '../../providers/port.ts';
import type { ProviderErrorReason } from '../../providers/provider-error.ts';
import type { ProviderObject } from './resources.ts';

/** What a provider was found to be when it was reached. */
export interface Found {
  readonly issuer: string;
  readonly capabilities: Capabilities;
}

export interface Problem {
  readonly reason: ProviderErrorReason | 'InvalidSpec' | 'CredentialsNotFound';
  readonly message: string;
}

/** A provider's status after it was looked at; `found` is what it was when it was reached last. */
export function statusOf(
  { metadata, spec, status }: ProviderObject,
  found: Found | undefined,
  problem: Problem | undefined,
  now: number,
): ClusterOIDCProviderStatus {
  const { generation } = metadata;
  const known = status.observedGeneration === generation ? status : {};
  const issuer = found?.issuer ?? known.issuer;
  const capabilities = found === undefined ? known.capabilities : summary(found.capabilities);
  return {
    observedGeneration: generation,
    type: spec.keycloak === undefined ? 'PingOne' : 'Keycloak',
    ...(issuer !== undefined && { issuer }),
    ...(capabilities !== undefined && { capabilities }),
    conditions: nextConditions(status.conditions ?? [], [ready(found, problem)], generation, now),
  };
}

/** Whether the provider was in order with its present spec, as its status tells. */
export function wasServed({ metadata, status }: ProviderObject): boolean {
  return status.observedGeneration === metadata.generation && status.issuer !== undefined;
}

function ready(found: Found | undefined, problem: Problem | undefined): ConditionState {
  if (problem !== undefined) return { type: 'Ready', status: 'False', ...problem };
  const checked = 'The provider was reached, and the credentials work.';
  const retainsNothing =
    found?.capabilities.previousExpiry === 'policy' &&
    found.capabilities.longestOverlapMs === undefined;
  const message = retainsNothing ? `${checked} ${NOTHING_RETAINED}` : checked;
  return { type: 'Ready', status: 'True', reason: 'Checked', message };
}

const NOTHING_RETAINED =
  'No policy there is sure to retain the rotated secrets of every confidential client: a client ' +
  'that none retains is rotated only where spec.rotation.retainPreviousFor is 0s.';

function summary(capabilities: Capabilities): CapabilitiesStatus {
  const { maxSecrets, readable, previousExpiry, longestOverlapMs, revoke, lastUsed } = capabilities;
  return {
    maxSecrets,
    readable,
    previousExpiry,
    ...(longestOverlapMs !== undefined && { longestRetention: formatDuration(longestOverlapMs) }),
    revoke,
    lastUsed,
  };
}
