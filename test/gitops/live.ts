import { onTestFinished } from 'vitest';
import { GROUP, VERSION } from '../../src/api/names.ts';
import type { Condition } from '../../src/api/oidcapplication.gen.ts';
import { ResourceClient } from '../../src/kubernetes/client.ts';
import { Reflector } from '../../src/kubernetes/reflector.ts';
import type { KubernetesObject, ObjectMeta, Resource } from '../../src/kubernetes/resource.ts';
import { Store } from '../../src/kubernetes/store.ts';
import { createTransport } from '../../src/kubernetes/transport.ts';
import { cluster } from '../setup/cluster.ts';

/** An object with all that the API server tells of it, as GitOps tools see it. */
export interface LiveObject extends KubernetesObject {
  readonly kind: string;
  readonly metadata: ObjectMeta & { readonly generation: number };
  readonly spec: Readonly<Record<string, unknown>>;
  readonly status?: {
    readonly observedGeneration?: number;
    readonly currentSecret?: { readonly version: number };
    readonly conditions?: readonly Condition[];
  };
}

export type Kind = 'OIDCApplication' | 'OIDCProvider' | 'ClusterOIDCProvider';

function isLive(raw: unknown): raw is LiveObject {
  return typeof raw === 'object' && raw !== null && 'metadata' in raw && 'spec' in raw;
}

function resource(kind: Kind): Resource<LiveObject> {
  return {
    group: GROUP,
    version: VERSION,
    plural: `${kind.toLowerCase()}s`,
    kind,
    namespaced: kind !== 'ClusterOIDCProvider',
    parse(raw) {
      if (!isLive(raw)) throw new TypeError(`not an object of kind ${kind}`);
      return raw;
    },
  };
}

const transport = createTransport({ kubeConfig: cluster.adminKubeConfig.kubeConfig });

/** Writes under the name of a field manager, and reads all that is stored. */
export function liveClient(kind: Kind, fieldManager = 'test'): ResourceClient<LiveObject> {
  return new ResourceClient(transport, resource(kind), { fieldManager });
}

/** Watches the applications of a namespace; the returned function gives all states so far, in order. */
export async function watchStates(namespace: string): Promise<() => readonly LiveObject[]> {
  const states: LiveObject[] = [];
  const store = new Store<LiveObject>();
  store.subscribe(({ object }) => states.push(object));
  const ending = new AbortController();
  const running = new Reflector({
    transport,
    resource: resource('OIDCApplication'),
    store,
    namespace,
  }).run(ending.signal);
  onTestFinished(async () => {
    ending.abort();
    await running;
  });
  await store.whenSynced();
  return () => states;
}
