import type { ApplicationSpec } from '../api/application.ts';
import type { ResourceClient } from '../kubernetes/client.ts';
import type { Store } from '../kubernetes/store.ts';
import type { Impediment } from '../rotation/decision.ts';
import type { Home } from './backing-secret/inspect.ts';
import { type Identity, ownershipOf } from './backing-secret/ownership.ts';
import { byPrecedence } from './backing-secret/precedence.ts';
import { readRecord } from './backing-secret/read.ts';
import { APPLICATION_INDEX } from './indexes.ts';
import type { OIDCApplication, SecretObject } from './resources.ts';
import { malformedSecret } from './target.ts';

export interface SecretSources {
  readonly secrets: Store<SecretObject>;
  /** Reads a Secret from the API server, with the field managers of its data. */
  readonly liveSecrets: ResourceClient<SecretObject>;
}

export interface OwnedSecrets {
  /** The one that counts first. */
  readonly homes: readonly Home[];
  /** Those from when it had another identity provider, which are not used any more. */
  readonly estranged: readonly Home[];
  readonly malformed: Impediment | undefined;
}

/** An application's Secrets among those that are cached, what spec names, and `others`. */
export function ownedSecrets(
  { secrets }: SecretSources,
  key: string,
  identity: Identity,
  target: SecretObject | undefined,
  ...others: readonly SecretObject[]
): OwnedSecrets {
  const candidates = new Map<string, SecretObject>();
  for (const secret of secrets.byIndex(APPLICATION_INDEX, key)) {
    candidates.set(secret.metadata.name, secret);
  }
  for (const secret of others) candidates.set(secret.metadata.name, secret);
  if (target !== undefined) candidates.set(target.metadata.name, target);

  const homes: Home[] = [];
  const estranged: Home[] = [];
  let malformed: Impediment | undefined;
  for (const secret of candidates.values()) {
    if (secret.metadata.deletionTimestamp !== undefined) continue;
    const { kind } = ownershipOf(secret, identity);
    if (kind !== 'ours' && kind !== 'provider') continue;
    const reading = readRecord(secret);
    if (reading.kind === 'record') {
      (kind === 'ours' ? homes : estranged).push({ secret, stored: reading.stored });
    } else if (kind === 'ours') malformed ??= malformedSecret(secret, reading.malformed);
  }
  return { homes: byPrecedence(homes, target?.metadata.name), estranged, malformed };
}

/**
 * The cache may lag behind what another replica wrote, and somebody may have taken the labels off: where
 * it shows no Secret of the application, the one that status names is read, and where it does not show
 * the one that the Secret was moved from, that one. Else a client secret would be issued beside one.
 */
export async function findUnseen(
  { secrets, liveSecrets }: SecretSources,
  { metadata: { namespace }, status }: OIDCApplication,
  spec: ApplicationSpec,
  { homes, malformed }: OwnedSecrets,
): Promise<SecretObject | undefined> {
  const [home] = homes;
  if (home === undefined && malformed !== undefined) return undefined;
  const name = home === undefined ? status?.secretName : home.stored.state.movedFrom;
  // What spec names was looked for.
  if (name === undefined || name === spec.secretName) return undefined;
  if (secrets.get(`${namespace}/${name}`) !== undefined) return undefined;
  return await liveSecrets.find({ namespace, name });
}
