import type { ClusterOIDCProviderSpec } from '../../api/oidcprovider.gen.ts';
import { SecretValue } from '../../api/secret-value.ts';
import { keyOf, Store } from '../../kubernetes/store.ts';
import type { ClientCredentials } from '../../providers/config.ts';
import type { SecretObject } from '../resources.ts';

export interface SecretReference {
  readonly namespace: string;
  readonly name: string;
}

export interface CredentialsWatchOptions {
  /** Keeps the store equal to the one Secret until the signal aborts; `onError` is told of faults. */
  readonly watch: (
    ref: SecretReference,
    store: Store<SecretObject>,
    onError: (error: unknown) => void,
    signal: AbortSignal,
  ) => void;
  /** Told of each user whose Secret may have changed, the first time it was read included. */
  readonly onChange: (user: string) => void;
}

/** What is known of a Secret; `unread` before it was read for the first time. */
export type SecretReading =
  | { readonly kind: 'found'; readonly secret: SecretObject }
  | { readonly kind: 'missing' }
  | { readonly kind: 'unread'; readonly fault: string | undefined };

interface Watched {
  readonly store: Store<SecretObject>;
  readonly ending: AbortController;
  readonly users: Set<string>;
  fault: string | undefined;
}

/** Watches the Secrets that providers name, each by itself: of all others nothing is read. */
export class CredentialsWatch {
  readonly #o: CredentialsWatchOptions;
  readonly #watched = new Map<string, Watched>();
  readonly #used = new Map<string, string>();

  constructor(options: CredentialsWatchOptions) {
    this.#o = options;
  }

  /** Has the Secret watched for `user`, in place of the one before; undefined: none. */
  use(user: string, ref: SecretReference | undefined): void {
    const key = ref && keyOf(ref);
    const before = this.#used.get(user);
    if (key === before) return;
    if (before !== undefined) this.#release(user, before);
    if (ref !== undefined && key !== undefined) this.#take(user, key, ref);
  }

  read(ref: SecretReference): SecretReading {
    const key = keyOf(ref);
    const watched = this.#watched.get(key);
    if (watched?.store.hasSynced !== true) return { kind: 'unread', fault: watched?.fault };
    const secret = watched.store.get(key);
    return secret === undefined ? { kind: 'missing' } : { kind: 'found', secret };
  }

  /** Ends all watches. */
  close(): void {
    for (const { ending } of this.#watched.values()) ending.abort();
  }

  #take(user: string, key: string, ref: SecretReference): void {
    this.#used.set(user, key);
    const watched = this.#watched.get(key);
    if (watched === undefined) this.#watch(user, key, ref);
    else watched.users.add(user);
  }

  #watch(user: string, key: string, ref: SecretReference): void {
    const store = new Store<SecretObject>();
    const watched: Watched = {
      store,
      ending: new AbortController(),
      users: new Set([user]),
      fault: undefined,
    };
    this.#watched.set(key, watched);
    const tell = () => {
      for (const each of watched.users) this.#o.onChange(each);
    };
    const onError = (error: unknown) => {
      const isNews = !store.hasSynced && watched.fault === undefined;
      watched.fault = error instanceof Error ? error.message : String(error);
      if (isNews) tell();
    };
    store.subscribe(tell);
    this.#o.watch(ref, store, onError, watched.ending.signal);
    store.whenSynced(watched.ending.signal).then(tell, () => undefined);
  }

  #release(user: string, key: string): void {
    this.#used.delete(user);
    const watched = this.#watched.get(key);
    watched?.users.delete(user);
    if (watched?.users.size !== 0) return;
    watched.ending.abort();
    this.#watched.delete(key);
  }
}

/** The credentials in a Secret, or which key of it holds none. */
export function credentialsIn(
  { data }: SecretObject,
  { clientIDKey = 'client-id', clientSecretKey = 'client-secret' }: Keys,
): ClientCredentials | { readonly missingKey: string } {
  const clientID = textAt(data, clientIDKey);
  const clientSecret = textAt(data, clientSecretKey);
  if (clientID === '') return { missingKey: clientIDKey };
  if (clientSecret === '') return { missingKey: clientSecretKey };
  return { clientID, clientSecret: SecretValue.fromText(clientSecret) };
}

/** The value at a key without the newline that an editor or `echo` may have put at its end. */
function textAt(data: SecretObject['data'], key: string): string {
  return (data[key]?.revealText() ?? '').replace(/\r?\n$/, '');
}

type Keys = ClusterOIDCProviderSpec['credentialsSecretRef'];
