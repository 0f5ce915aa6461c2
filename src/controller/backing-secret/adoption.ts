import type { ApplicationSpec } from '../../api/application.ts';
import { SecretValue } from '../../api/secret-value.ts';
import type { SecretObject } from '../resources.ts';

/**
 * Why a Secret that is offered for adoption cannot be taken over as it is; undefined where it can.
 * The message tells no value of the Secret, since whoever wrote the application chose the key names.
 */
export function adoptionObstacle(secret: SecretObject, spec: ApplicationSpec): string | undefined {
  const { name } = secret.metadata;
  const { clientID, clientSecret, previousClientSecret } = spec.keys;
  if (secret.immutable) return `Secret ${name} is offered for adoption, but is immutable.`;
  const value = secret.data[clientSecret];
  if (value === undefined || value.isEmpty) {
    return (
      `Secret ${name} is offered for adoption, but has no client secret under the key ` +
      `${clientSecret}. Name the key in spec.secret.keys.clientSecret, or put the value there.`
    );
  }
  if (secret.data[previousClientSecret] !== undefined) {
    return (
      `Secret ${name} is offered for adoption, but holds a value under ${previousClientSecret}, ` +
      'which would not stay valid. Remove that key, or name another one in ' +
      'spec.secret.keys.previousClientSecret.'
    );
  }
  const id = secret.data[clientID];
  if (id !== undefined && !id.equals(SecretValue.fromText(spec.clientID))) {
    return (
      `Secret ${name} is offered for adoption, but its key ${clientID} differs from the ` +
      `application's client ID ${spec.clientID}. Set spec.clientID to what the Secret holds ` +
      '(it is set at creation, so create the application anew), or remove that key.'
    );
  }
  return undefined;
}
