import { effectiveClientID } from '../../api/application.ts';
import { keyOf, type Store } from '../../kubernetes/store.ts';
import type { OIDCApplication } from '../resources.ts';
import { providerKeyOf } from './access.ts';

/** Applications by their provider's key. */
export const PROVIDER_INDEX = 'provider';
const CLIENT_INDEX = 'providerClient';

/** A client at a provider, as an application names it. */
export interface NamedClient {
  readonly providerKey: string;
  readonly clientID: string;
}

/** Which applications name which client at which provider. */
export class Claims {
  readonly #applications: Store<OIDCApplication>;
  readonly #counts = new Map<string, number>();

  /** `onChange` is told of each client that one application more or less names. */
  constructor(applications: Store<OIDCApplication>, onChange: (client: NamedClient) => void) {
    this.#applications = applications;
    applications.addIndex(PROVIDER_INDEX, (application) =>
      clientsOf(application).map(({ providerKey }) => providerKey),
    );
    applications.addIndex(CLIENT_INDEX, (application) => clientsOf(application).map(indexKey));
    applications.subscribe(({ type, object, initial }) => {
      if (type === 'modified') return;
      for (const client of clientsOf(object)) {
        const { providerKey } = client;
        const count = this.applicationsAt(providerKey) + (type === 'added' ? 1 : -1);
        if (count === 0) this.#counts.delete(providerKey);
        else this.#counts.set(providerKey, count);
        if (!initial) onChange(client);
      }
    });
  }

  applicationsAt(providerKey: string): number {
    return this.#counts.get(providerKey) ?? 0;
  }

  /** The applications that name the client. */
  of(client: NamedClient): readonly OIDCApplication[] {
    return this.#applications.byIndex(CLIENT_INDEX, indexKey(client));
  }
}

/** The older one first; of the same second, by UID. */
export function bySeniority(a: OIDCApplication, b: OIDCApplication): number {
  return compare(seniority(a), seniority(b));
}

function seniority({ metadata }: OIDCApplication): string {
  return `${metadata.creationTimestamp ?? ''} ${metadata.uid} ${keyOf({ metadata })}`;
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function indexKey({ providerKey, clientID }: NamedClient): string {
  return `${providerKey} ${clientID}`;
}

/** None for an application without a provider. */
function clientsOf({ metadata, spec }: OIDCApplication): readonly NamedClient[] {
  const { providerRef } = spec;
  if (providerRef === undefined) return [];
  const providerKey = providerKeyOf(metadata.namespace, providerRef);
  return [{ providerKey, clientID: effectiveClientID(metadata, spec) }];
}
