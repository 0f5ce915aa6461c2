import { InvalidSpecError } from '../../api/application.ts';
import type { ProviderConfig } from '../../providers/config.ts';
import { configure } from './configure.ts';
import { type CredentialsWatch, credentialsIn, type SecretReference } from './credentials.ts';
import type { ProviderObject } from './resources.ts';
import type { Problem } from './status.ts';

/** What a provider's spec and its credentials make of it; `unread` until the Secret was read. */
export type Preparation =
  | { readonly kind: 'unread' }
  | { readonly kind: 'problem'; readonly problem: Problem }
  | { readonly kind: 'configured'; readonly config: ProviderConfig };

/**
 * Has the provider's credentials watched for `user` and reads them.
 *
 * @param operatorNamespace where those of a ClusterOIDCProvider are; undefined if that is not known
 */
export function prepare(
  { kind, metadata, spec }: ProviderObject,
  user: string,
  credentials: CredentialsWatch,
  operatorNamespace: string | undefined,
): Preparation {
  const namespace = kind === 'OIDCProvider' ? metadata.namespace : operatorNamespace;
  if (namespace === undefined) {
    credentials.use(user, undefined);
    return notFound(
      'The namespace with the credentials is not known: outside of a Pod, the operator must be ' +
        'started with --operator-namespace.',
    );
  }
  const { name } = spec.credentialsSecretRef;
  const ref: SecretReference = { namespace, name };
  credentials.use(user, ref);
  const reading = credentials.read(ref);
  switch (reading.kind) {
    case 'unread':
      return reading.fault === undefined
        ? reading
        : notFound(`Secret ${name} cannot be read: ${reading.fault}`);
    case 'missing':
      return notFound(`There is no Secret ${name} in namespace ${namespace}. Create it.`);
    case 'found': {
      const found = credentialsIn(reading.secret, spec.credentialsSecretRef);
      return 'missingKey' in found
        ? notFound(
            `Secret ${name} in namespace ${namespace} has no key ${found.missingKey}, or an empty one.`,
          )
        : configured(spec, found);
    }
  }
}

function configured(...input: Parameters<typeof configure>): Preparation {
  try {
    return { kind: 'configured', config: configure(...input) };
  } catch (error) {
    if (!(error instanceof InvalidSpecError)) throw error;
    return { kind: 'problem', problem: { reason: 'InvalidSpec', message: `${error.message}.` } };
  }
}

function notFound(message: string): Preparation {
  return { kind: 'problem', problem: { reason: 'CredentialsNotFound', message } };
}
