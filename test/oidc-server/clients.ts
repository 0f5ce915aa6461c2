import { randomUUID, timingSafeEqual } from 'node:crypto';
import type { KubeConfig } from '@kubernetes/client-node';
import { labels, MANAGED_BY } from '../../src/api/names.ts';
import type { SecretValue } from '../../src/api/secret-value.ts';
import { type SecretObject, secretResource } from '../../src/controller/resources.ts';
import { Reflector } from '../../src/kubernetes/reflector.ts';
import { Store } from '../../src/kubernetes/store.ts';
import { createTransport } from '../../src/kubernetes/transport.ts';

export interface ClientsOptions {
  readonly kubeConfig: KubeConfig;
  /** Default: all namespaces. */
  readonly namespace?: string;
}

/** The OIDC clients that the backing Secrets declare, kept up to date by a watch. */
export interface Clients {
  has(clientID: string): boolean;
  /** True for the current client secret, and for the previous one while the Secret holds it. */
  accepts(clientID: string, clientSecret: SecretValue): boolean;
  close(): Promise<void>;
}

const keys = {
  clientID: 'client-id',
  current: 'client-secret',
  previous: 'previous-client-secret',
} as const;
const byClientID = 'clientID';
const syncLimitMs = 30_000;

/** Resolves once the Secrets are listed; rejects if they cannot be within 30 s. */
export async function watchClients({ kubeConfig, namespace }: ClientsOptions): Promise<Clients> {
  const store = new Store<SecretObject>();
  store.addIndex(byClientID, clientIDs);
  const transport = createTransport({ kubeConfig, userAgent: 'oidc-server' });
  let fault: unknown;
  const reflector = new Reflector({
    transport,
    store,
    resource: secretResource,
    labelSelector: `${labels.managedBy}=${MANAGED_BY}`,
    onError: (error) => {
      fault = error;
    },
    ...(namespace !== undefined && { namespace }),
  });
  const closing = new AbortController();
  const reflecting = reflector.run(closing.signal);
  const close = async () => {
    closing.abort();
    await reflecting;
    await transport.close();
  };
  try {
    await store.whenSynced(AbortSignal.timeout(syncLimitMs));
  } catch (error) {
    await close();
    throw new Error('the OIDC server cannot list its Secrets', { cause: fault ?? error });
  }
  return {
    close,
    has: (clientID) => store.byIndex(byClientID, clientID).length > 0,
    accepts: (clientID, clientSecret) => {
      const equals = comparison(clientSecret);
      // All are compared, so that the time taken does not tell which of them it was.
      return store
        .byIndex(byClientID, clientID)
        .flatMap(({ data }) => [data[keys.current], data[keys.previous]])
        .filter((value) => value !== undefined)
        .map(equals)
        .includes(true);
    },
  };
}

function clientIDs({ data }: SecretObject): string[] {
  const value = data[keys.clientID];
  return value === undefined ? [] : [Buffer.from(value.reveal(), 'base64').toString('utf8')];
}

/** Compares in constant time, by digests under a salt that is used once. */
function comparison(one: SecretValue): (other: SecretValue) => boolean {
  const salt = randomUUID();
  const digest = (value: SecretValue) => Buffer.from(value.digest(salt));
  const expected = digest(one);
  return (other) => timingSafeEqual(digest(other), expected);
}
