import { coverageOf } from '../../api/grants.ts';
import { keyOf, type Store } from '../../kubernetes/store.ts';
import type { OIDCApplication } from '../resources.ts';
import {
  type Access,
  type AccessChange,
  type Applicant,
  type ProviderRegistry,
  providerKeyOf,
} from './access.ts';
import { bySeniority, Claims, type NamedClient } from './claims.ts';
import {
  CLIENT_CLAIMED,
  clientNotGranted,
  OWN_CLIENT,
  providerNotFound,
  providerNotReady,
} from './denials.ts';
import type { ProviderDirectory } from './directory.ts';
import type { NamespaceLabels } from './namespaces.ts';
import { keyOfProvider, type ProviderObject } from './resources.ts';
import { type Entry, Standings } from './standings.ts';

/** Tells which application may manage which client, by what the provider controller has found. */
export class Registry implements ProviderRegistry {
  readonly #directory: ProviderDirectory;
  readonly #namespaces: NamespaceLabels;
  readonly #claims: Claims;
  readonly #standings = new Standings();
  readonly #listeners = new Set<(change: AccessChange) => void>();

  constructor(
    directory: ProviderDirectory,
    namespaces: NamespaceLabels,
    applications: Store<OIDCApplication>,
  ) {
    this.#directory = directory;
    this.#namespaces = namespaces;
    this.#claims = new Claims(applications, (client) => this.#tellRivals(client));
  }

  access({ namespace, name, providerRef, clientID }: Applicant): Access {
    const providerKey = providerKeyOf(namespace, providerRef);
    const object = this.#directory.get(providerKey);
    if (providerRef.kind === 'ClusterOIDCProvider') {
      // The same answer where there is no such provider, so that it does not tell of any.
      const coverage =
        object === undefined ? 'uncovered' : this.#coverage(object, namespace, clientID);
      if (coverage === 'uncovered') return clientNotGranted(namespace, providerRef.name);
      if (coverage === 'unknown') return { kind: 'pending' };
    }
    if (object === undefined) return providerNotFound(providerRef.name);
    const standing = this.#standings.of(object);
    if (standing.kind === 'pending') return standing;
    if (standing.kind === 'failed') return providerNotReady(object, standing.reason);
    const { provider } = standing;
    if (this.#standings.isOwnClient(provider.backend, clientID)) return OWN_CLIENT;
    const claim = this.#claim(provider.backend, clientID, keyOf({ namespace, name }));
    if (claim === 'undecided') return { kind: 'pending' };
    return claim === 'held' ? { kind: 'granted', provider } : CLIENT_CLAIMED;
  }

  subscribe(listener: (change: AccessChange) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Takes what was found of a provider; undefined: it is gone. */
  set(providerKey: string, entry: Entry | undefined): void {
    const before = this.#standings.lastObject(providerKey);
    if (!this.#standings.set(providerKey, entry)) return;
    // Who else is behind the same backend may have won or lost a client.
    const concerned = new Set([providerKey]);
    for (const object of [before, entry?.object]) {
      for (const peer of object === undefined ? [] : this.#directory.peersOf(object)) {
        concerned.add(keyOfProvider(peer));
      }
    }
    for (const key of concerned) this.#tell({ providerKey: key, clientID: undefined });
  }

  /** Has the applications looked at again whose access depends on the labels of their namespace. */
  labelsChanged(): void {
    for (const { kind, metadata, spec } of this.#directory.clusterWide()) {
      if (spec.grants?.some(({ namespaceSelector }) => namespaceSelector !== undefined) === true) {
        this.#tell({ providerKey: `${kind}/${metadata.name}`, clientID: undefined });
      }
    }
  }

  /** How many applications name the provider. */
  applicationsAt(providerKey: string): number {
    return this.#claims.applicationsAt(providerKey);
  }

  #coverage({ spec }: ProviderObject, namespace: string, clientID: string) {
    const { grants = [] } = spec;
    const byLabels = grants.some(({ namespaceSelector }) => namespaceSelector !== undefined);
    const labels = byLabels ? this.#namespaces.of(namespace) : undefined;
    return coverageOf(grants, { namespace, labels, clientID });
  }

  /** Of the applications that may manage the client, the oldest holds it. */
  #claim(backend: string, clientID: string, applicant: string): 'held' | 'lost' | 'undecided' {
    const claimants = this.#directory.behind(backend).flatMap((object) => {
      const providerKey = keyOfProvider(object);
      return this.#claims
        .of({ providerKey, clientID })
        .map((application) => ({
          application,
          right: this.#rightOf(object, application, clientID),
        }))
        .filter(({ right }) => right !== 'none');
    });
    claimants.sort((a, b) => bySeniority(a.application, b.application));
    const [first] = claimants;
    if (first === undefined || keyOf(first.application) === applicant) return 'held';
    return first.right === 'undecided' ? 'undecided' : 'lost';
  }

  /** Who may not manage a client must not be able to keep it from others either. */
  #rightOf(
    object: ProviderObject,
    { metadata }: OIDCApplication,
    clientID: string,
  ): 'claim' | 'none' | 'undecided' {
    if (object.kind === 'ClusterOIDCProvider') {
      const coverage = this.#coverage(object, metadata.namespace, clientID);
      if (coverage !== 'covered') return coverage === 'unknown' ? 'undecided' : 'none';
    }
    const standing = this.#standings.of(object);
    if (standing.kind === 'pending') return 'undecided';
    return standing.kind === 'ready' || standing.served ? 'claim' : 'none';
  }

  #tellRivals({ providerKey, clientID }: NamedClient): void {
    const object = this.#directory.get(providerKey);
    if (object === undefined) return;
    for (const peer of this.#directory.peersOf(object)) {
      const rival = { providerKey: keyOfProvider(peer), clientID };
      if (this.#claims.of(rival).length > 0) this.#tell(rival);
    }
  }

  #tell(change: AccessChange): void {
    for (const listener of this.#listeners) listener(change);
  }
}
