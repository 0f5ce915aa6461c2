import type { Store } from '../kubernetes/store.ts';
import { applicationsOf } from './backing-secret/ownership.ts';
import type { OIDCApplication, SecretObject } from './resources.ts';

/** Secrets by the applications ("namespace/name") that they may concern. */
export const APPLICATION_INDEX = 'application';
/** Applications by the Secret ("namespace/name") that they name. */
export const SECRET_NAME_INDEX = 'secretName';

export function indexSecrets(secrets: Store<SecretObject>): void {
  secrets.addIndex(APPLICATION_INDEX, applicationKeys);
}

export function indexApplications(applications: Store<OIDCApplication>): void {
  applications.addIndex(SECRET_NAME_INDEX, (application) => [secretKey(application)]);
}

export function applicationKeys(secret: SecretObject): string[] {
  return applicationsOf(secret).map((name) => `${secret.metadata.namespace}/${name}`);
}

export function secretKey({ metadata, spec }: OIDCApplication): string {
  return `${metadata.namespace}/${spec.secret?.name ?? metadata.name}`;
}
