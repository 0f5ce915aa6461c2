import type { ApplicationSpec } from '../../api/application.ts';
import type { Clock } from '../../kubernetes/clock.ts';
import type { Home } from '../backing-secret/inspect.ts';
import type { ProviderRegistry } from '../providers/access.ts';
import type { OIDCApplication } from '../resources.ts';
import { applicantOf, type Consulted, consult } from './consult.ts';
import type { Errand } from './errand.ts';
import type { Memories, Memory } from './memory.ts';

/** What is known of an application's identity provider. */
export interface GatheredProvider extends Consulted {
  readonly errand: Errand;
  readonly memory: Memory;
}

export interface ProviderSources {
  readonly providers: ProviderRegistry;
  readonly memories: Memories;
  readonly clock: Clock;
}

/** What is known of the application's provider; undefined where the backing Secret is the authority. */
export function gatherProvider(
  { providers, memories, clock }: ProviderSources,
  ref: { namespace: string; name: string },
  application: OIDCApplication | undefined,
  spec: ApplicationSpec,
  home: Home | undefined,
  errand: Errand,
): GatheredProvider | undefined {
  const applicant = applicantOf(ref, spec, home);
  if (applicant === undefined) return undefined;
  const memory = memories.of(
    `${ref.namespace}/${ref.name}`,
    application?.metadata.uid ?? '',
    () => ({
      lastReadAt: isReady(application) ? clock.now() : undefined,
    }),
  );
  return { ...consult(providers, applicant, home), errand, memory };
}

function isReady(application: OIDCApplication | undefined): boolean {
  const conditions = application?.status?.conditions ?? [];
  return conditions.some(({ type, status }) => type === 'Ready' && status === 'True');
}
