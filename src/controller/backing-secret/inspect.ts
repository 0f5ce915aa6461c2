import type { ApplicationSpec, SecretKeys } from '../../api/application.ts';
import { SecretValue } from '../../api/secret-value.ts';
import type { Impediment } from '../../rotation/decision.ts';
import type { CurrentValue, OwnedSecret, PreviousValue } from '../../rotation/observation.ts';
import type { SecretObject } from '../resources.ts';
import type { Identity } from './ownership.ts';
import type { StoredRecord } from './read.ts';
import { type Content, difference, keyNames, renderPublished } from './render.ts';

/** A backing Secret that is the application's, with what its annotations say. */
export interface Home {
  readonly secret: SecretObject;
  readonly stored: StoredRecord;
}

export interface Inspection {
  readonly identity: Identity;
  /** Undefined where nothing but expiry is kept. */
  readonly spec: ApplicationSpec | undefined;
  /** The Secret that this one was moved from, while it exists. */
  readonly leftover: string | undefined;
  readonly upstream: Upstream;
}

/** What is published of the provider itself; nothing where there is none. */
export interface Upstream {
  readonly backend: string | undefined;
  readonly issuer: string | undefined;
}

export const NO_UPSTREAM: Upstream = { backend: undefined, issuer: undefined };

/** Compares a backing Secret with its record and with what spec wants it to hold. */
export function inspectHome(home: Home, inspection: Inspection): OwnedSecret {
  const { identity, spec, leftover, upstream } = inspection;
  const { secret, stored } = home;
  const keys = spec === undefined ? undefined : keysInForce(home, spec);
  return {
    name: secret.metadata.name,
    record: stored.record,
    current: currentValue(home),
    previous: previousValue(home),
    immutable: secret.immutable,
    impediment: keys?.impediment,
    drift:
      spec === undefined || keys === undefined
        ? []
        : difference(
            secret,
            renderPublished(identity, spec, contentOf(home), stored.state, keys.keys, {
              owners: secret.metadata.ownerReferences ?? [],
              movedFrom: leftover,
              backend: upstream.backend,
              issuer: issuerOf(home, upstream),
            }),
          ).words,
    leftover,
  };
}

export function currentValueOf({ secret, stored }: Home): SecretValue | undefined {
  return secret.data[stored.state.keys.clientSecret];
}

/** The value of the recorded previous secret; a stray one is nobody's. */
export function previousValueOf({ secret, stored }: Home): SecretValue | undefined {
  return stored.record.previous && secret.data[stored.state.keys.previousClientSecret];
}

/** The issuer to publish: the one that is published, while the provider's is not known. */
export function issuerOf(home: Home | undefined, { issuer }: Upstream): SecretValue | undefined {
  if (issuer !== undefined) return SecretValue.fromText(issuer);
  const key = home?.stored.state.keys.issuer;
  return key === undefined ? undefined : home?.secret.data[key];
}

function contentOf(home: Home): Content {
  return {
    record: home.stored.record,
    digests: home.stored.state.digests,
    values: { current: currentValueOf(home), previous: previousValueOf(home) },
    isReplaced: false,
  };
}

/** What stands at the key of the current client secret. */
export function currentValue(home: Home): CurrentValue {
  const { digests, keys } = home.stored.state;
  const value = currentValueOf(home);
  if (value === undefined || value.isEmpty) return { kind: 'missing' };
  const digest = value.digest(digests.salt);
  if (digest === digests.current) return { kind: 'intact' };
  const isFormer = digest === digests.previous || digests.former.includes(digest);
  const manager = home.secret.managers?.[keys.clientSecret];
  return { kind: isFormer ? 'former' : 'foreign', manager };
}

function previousValue({ secret, stored }: Home): PreviousValue {
  const { digests, keys } = stored.state;
  const value = secret.data[keys.previousClientSecret];
  if (stored.record.previous === undefined) return value === undefined ? 'intact' : 'stray';
  return value !== undefined && value.digest(digests.salt) === digests.previous ? 'intact' : 'lost';
}

/**
 * The key names of spec, or those used so far where a new one is taken by somebody else's data:
 * foreign data stays.
 */
export function keysInForce(
  { secret, stored }: Home,
  spec: ApplicationSpec,
): { readonly keys: SecretKeys; readonly impediment: Impediment | undefined } {
  const used = stored.state.keys;
  const ours = new Set(keyNames(used));
  const taken = keyNames(spec.keys).find((key) => !ours.has(key) && secret.data[key] !== undefined);
  if (taken === undefined) return { keys: spec.keys, impediment: undefined };
  return {
    keys: used,
    impediment: {
      reason: 'SecretConflict',
      message:
        `spec.secret.keys names the key ${taken}, but Secret ${secret.metadata.name} holds other ` +
        'data there. Remove that key from the Secret, or choose another name; until then the ' +
        'former key names are kept.',
    },
  };
}
