import type { ApplicationSpec } from '../../api/application.ts';
import type { Authority, ProviderAuthority, ProviderView } from '../../rotation/authority.ts';
import type { Home, Upstream } from '../backing-secret/inspect.ts';
import type { Digests } from '../backing-secret/state.ts';
import type { Applicant, ProviderRegistry } from '../providers/access.ts';
import type { Client, Errand, KnownSecrets } from './errand.ts';
import type { Memory } from './memory.ts';
import { type ProviderTrouble, providerChanged, troubleOfDenial } from './trouble.ts';

/** An application's provider as it can be used now. */
export interface Consulted {
  /** Undefined where access is not granted, or not known yet. */
  readonly client: Client | undefined;
  readonly trouble: ProviderTrouble | undefined;
  /** Nothing is known of the provider yet: it will be told. */
  readonly isPending: boolean;
}

/**
 * The client that an application has at a provider: by its spec, or, where the application is gone,
 * by what its backing Secret says.
 */
export function applicantOf(
  ref: { readonly namespace: string; readonly name: string },
  spec: ApplicationSpec,
  home: Home | undefined,
): Applicant | undefined {
  const { providerRef, clientID } = spec;
  if (providerRef !== undefined) return { ...ref, providerRef, clientID };
  const { provider, clientID: recorded } = home?.stored.state ?? {};
  const [kind, name] = provider?.split('/') ?? [];
  if (recorded === undefined || name === undefined || !isProviderKind(kind)) return undefined;
  return { ...ref, providerRef: { kind, name }, clientID: recorded };
}

/** Asks for access; a provider that leads to another place than before is none. */
export function consult(
  registry: ProviderRegistry,
  applicant: Applicant,
  home: Home | undefined,
): Consulted {
  const access = registry.access(applicant);
  switch (access.kind) {
    case 'pending':
      return { client: undefined, trouble: PENDING, isPending: true };
    case 'denied':
      return { client: undefined, trouble: troubleOfDenial(access), isPending: false };
    case 'granted': {
      const { provider } = access;
      const recorded = home?.stored.state.backend;
      const hasChanged = recorded !== undefined && recorded !== provider.backend;
      return {
        client: hasChanged ? undefined : { provider, clientID: applicant.clientID },
        trouble: hasChanged ? providerChanged() : undefined,
        isPending: false,
      };
    }
  }
}

const PENDING: ProviderTrouble = {
  reason: 'ProviderNotReady',
  message: 'Nothing is known of the provider yet.',
  lasting: false,
  retryAfterMs: undefined,
};

/** What the provider publishes of itself. */
export function upstreamOf({ client }: Consulted): Upstream {
  return { backend: client?.provider.backend, issuer: client?.provider.issuer };
}

/** The provider's part of an observation. */
export function authorityOf(
  { client, trouble }: Consulted,
  errand: Errand,
  memory: Memory,
  home: Home | undefined,
): ProviderAuthority {
  const { secrets } = errand;
  const inTrouble = trouble ?? errand.trouble;
  // A provider resource may come to lead elsewhere at any moment.
  const isOfNow = client !== undefined && errand.backend === client.provider.backend;
  return {
    kind: 'provider',
    view:
      inTrouble === undefined && secrets !== undefined && isOfNow
        ? viewOf(secrets, home?.stored.state.digests)
        : undefined,
    trouble: inTrouble,
    lastReadAt: memory.lastReadAt,
    settlesAt: memory.settlesAt,
    resyncInterval: client?.provider.resyncIntervalMs ?? DAY,
    longestRetention: client?.provider.capabilities.longestOverlapMs,
    attempt: errand.attempt ?? (isUnsent(memory, home) ? 'begun' : undefined),
    probes: errand.probes,
  };
}

export const LOCAL: Authority = { kind: 'local' };

const DAY = 24 * 3_600_000;

function viewOf({ current, previous }: KnownSecrets, digests: Digests | undefined): ProviderView {
  const is = (value: KnownSecrets['current'], digest: string | undefined) =>
    digests !== undefined && digest !== undefined && value.digest(digests.salt) === digest;
  return {
    current: is(current, digests?.current) ? 'recorded' : 'other',
    previous: previous && {
      is: is(previous.value, digests?.previous)
        ? 'previous'
        : is(previous.value, digests?.current)
          ? 'current'
          : 'other',
      expiresAt: previous.expiresAt,
    },
  };
}

/** Whether an earlier reconciliation wrote the intent on record, and did not get to send it. */
function isUnsent({ unsentSince }: Memory, home: Home | undefined): boolean {
  return unsentSince !== undefined && unsentSince === home?.stored.record.intent?.startedAt;
}

function isProviderKind(kind: string | undefined): kind is Applicant['providerRef']['kind'] {
  return kind === 'OIDCProvider' || kind === 'ClusterOIDCProvider';
}
