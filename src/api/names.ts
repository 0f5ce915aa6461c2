import { createHash } from 'node:crypto';

/** The names that others may rely on: API group, labels and annotations. */
export const GROUP = 'keyturn.dev';
export const VERSION = 'v1alpha1';
export const API_VERSION = `${GROUP}/${VERSION}`;
export const KIND = 'OIDCApplication';
export const PLURAL = 'oidcapplications';

export const labels = {
  managedBy: 'app.kubernetes.io/managed-by',
  application: 'keyturn.dev/application',
} as const;
export const MANAGED_BY = 'keyturn';

/** Keeps an application until its previous client secret has ended at the identity provider. */
export const FINALIZER = 'keyturn.dev/previous-client-secret';

/** Annotations of a backing Secret. All times are RFC 3339 in UTC. */
export const annotations = {
  /** The application's full name; the label of the same name is cut to what a label value allows. */
  application: 'keyturn.dev/application',
  /** Set by a person on somebody else's Secret: this application may take it over. */
  adoptBy: 'keyturn.dev/adopt-by',
  secretVersion: 'keyturn.dev/secret-version',
  issuedAt: 'keyturn.dev/issued-at',
  previousVersion: 'keyturn.dev/previous-version',
  previousIssuedAt: 'keyturn.dev/previous-issued-at',
  previousRetiredAt: 'keyturn.dev/previous-retired-at',
  previousExpiresAt: 'keyturn.dev/previous-expires-at',
  /** The operator's own JSON document; its content is not an interface. */
  state: 'keyturn.dev/state',
} as const;

const LABEL_VALUE_LENGTH = 63;
const HASH_LENGTH = 8;

/** A name as a label value: as it is where that is allowed, else cut and made unique by a hash. */
export function labelValue(name: string): string {
  if (name.length <= LABEL_VALUE_LENGTH) return name;
  const hash = createHash('sha256').update(name).digest('hex').slice(0, HASH_LENGTH);
  return `${name.slice(0, LABEL_VALUE_LENGTH - HASH_LENGTH - 1)}-${hash}`;
}
