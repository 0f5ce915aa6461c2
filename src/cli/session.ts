import { KubeConfig } from '@kubernetes/client-node';
import { ResourceClient } from '../kubernetes/client.ts';
import { createTransport, type Transport } from '../kubernetes/transport.ts';
import { type Application, applicationResource } from './application.ts';
import { type EventObject, eventResource } from './events.ts';
import { FIELD_MANAGER } from './ownership.ts';
import { ServerTime } from './server-time.ts';

/** What the flags say about which API server to ask, and as whom. */
export interface ConnectionFlags {
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly namespace?: string;
  readonly as?: string;
  readonly requestTimeout?: number;
}

/** Finds the kubeconfig that flags, environment and home directory amount to; throws a Failure. */
export type LoadKubeConfig = (flags: ConnectionFlags) => KubeConfig;

/** A connection to an API server, for the run of one command. */
export interface Session {
  readonly transport: Transport;
  readonly applications: ResourceClient<Application>;
  readonly events: ResourceClient<EventObject>;
  readonly namespace: string;
  /** The API server's time, as far as its answers tell it. */
  readonly now: () => number;
}

export function openSession(flags: ConnectionFlags, load: LoadKubeConfig): Session {
  const kubeConfig = impersonating(load(flags), flags.as);
  const time = new ServerTime();
  const transport = withTimeout(
    createTransport({
      kubeConfig,
      userAgent: FIELD_MANAGER,
      connections: 8,
      onResponse: (response) => time.observe(response),
    }),
    flags.requestTimeout,
  );
  const context = kubeConfig.getContextObject(kubeConfig.getCurrentContext());
  return {
    transport,
    applications: new ResourceClient(transport, applicationResource, {
      fieldManager: FIELD_MANAGER,
    }),
    events: new ResourceClient(transport, eventResource),
    namespace: flags.namespace || context?.namespace || 'default',
    now: () => time.at(Date.now()),
  };
}

function impersonating(config: KubeConfig, user: string | undefined): KubeConfig {
  if (user === undefined) return config;
  const current = config.getCurrentUser()?.name;
  const copy = new KubeConfig();
  copy.loadFromOptions({
    clusters: config.getClusters(),
    contexts: config.getContexts(),
    currentContext: config.getCurrentContext(),
    users: config
      .getUsers()
      .map((each) => (each.name === current ? { ...each, impersonateUser: user } : each)),
  });
  return copy;
}

function withTimeout(transport: Transport, timeoutMs: number | undefined): Transport {
  // With kubectl, 0 stands for no limit.
  if (timeoutMs === undefined || timeoutMs === 0) return transport;
  return {
    request: (request) => transport.request({ ...request, timeoutMs }),
    stream: (request, onData) => transport.stream(request, onData),
    close: () => transport.close(),
  };
}
