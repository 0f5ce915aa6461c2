import type { Access } from './access.ts';
import type { ProviderObject } from './resources.ts';

type Denial = Extract<Access, { kind: 'denied' }>;

export const OWN_CLIENT = denial(
  'OwnClient',
  'The operator signs in with this client itself and never manages it. Name another spec.clientID.',
);

/** Says nothing of the other one, which may be in another namespace. */
export const CLIENT_CLAIMED = denial(
  'ClientClaimed',
  'An older OIDCApplication manages this client. Delete one of the two, or name another client.',
);

export function providerNotFound(name: string): Denial {
  return denial(
    'ProviderNotFound',
    `There is no OIDCProvider ${name} in this namespace. Create it.`,
  );
}

/** The same whether there is such a provider or not. */
export function clientNotGranted(namespace: string, provider: string): Denial {
  return denial(
    'ClientNotGranted',
    `No ClusterOIDCProvider ${provider} grants namespace ${namespace} this client. Ask those who ` +
      'administer the cluster for a grant.',
  );
}

export function providerNotReady({ kind, metadata }: ProviderObject, reason: string): Denial {
  const message = `${kind} ${metadata.name} is not ready (${reason}): its own condition tells more.`;
  return denial('ProviderNotReady', message);
}

function denial(reason: Denial['reason'], message: string): Denial {
  return { kind: 'denied', reason, message };
}
