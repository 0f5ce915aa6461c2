import { type ApplicationSpec, effectiveSpec, InvalidSpecError } from '../api/application.ts';
import { annotations } from '../api/names.ts';
import type { ResourceClient } from '../kubernetes/client.ts';
import type { Clock } from '../kubernetes/clock.ts';
import type { Store } from '../kubernetes/store.ts';
import type { Impediment } from '../rotation/decision.ts';
import type { Observation, Target } from '../rotation/observation.ts';
import { adoptionObstacle } from './backing-secret/adoption.ts';
import { type Home, inspectHome } from './backing-secret/inspect.ts';
import {
  type Identity,
  type Ownership,
  ownershipOf,
  providerName,
} from './backing-secret/ownership.ts';
import { byPrecedence } from './backing-secret/precedence.ts';
import { readRecord } from './backing-secret/read.ts';
import type { ClockGuard } from './clock-guard.ts';
import { APPLICATION_INDEX } from './indexes.ts';
import type { OIDCApplication, SecretObject } from './resources.ts';

/** Everything about one application that a step is decided on and carried out with. */
export interface Gathered {
  readonly ref: { readonly namespace: string; readonly name: string };
  readonly application: OIDCApplication | undefined;
  readonly identity: Identity;
  readonly spec: ApplicationSpec;
  readonly observation: Observation;
  readonly home: Home | undefined;
  /** What stands under the name that spec gives the backing Secret. */
  readonly target: SecretObject | undefined;
  /** The API server was not asked what stands there: nothing, as far as the cache tells. */
  readonly targetAssumed: boolean;
  /** The Secret that home was moved from. */
  readonly leftover: Home | undefined;
  /** Why spec cannot be read. */
  readonly invalidSpec: InvalidSpecError | undefined;
}

export interface Sources {
  readonly applications: Store<OIDCApplication>;
  readonly secrets: Store<SecretObject>;
  /** Reads a Secret from the API server, with the field managers of its data. */
  readonly liveSecrets: ResourceClient<SecretObject>;
  readonly clock: Clock;
  readonly clockGuard: ClockGuard;
  readonly rotationsPaused: boolean;
}

/**
 * Gathers what is known of the application `key`, which may be gone. Where `assumeFree`, the cache
 * is believed as to whether a new application's Secret exists, which it tells of labelled ones only.
 */
export async function gather(
  sources: Sources,
  key: string,
  assumeFree: boolean,
): Promise<Gathered> {
  const ref = parseKey(key);
  const application = sources.applications.get(key);
  const { spec, invalidSpec } = readSpec(ref, application);
  const identity: Identity = {
    name: ref.name,
    uid: application?.metadata.uid ?? '',
    provider: providerName(spec.providerRef),
  };
  const expiryOnly =
    application === undefined ||
    application.metadata.deletionTimestamp !== undefined ||
    invalidSpec !== undefined;

  const targetAssumed = assumeFree && !expiryOnly && application.status === undefined;
  const target = expiryOnly
    ? undefined
    : await findTarget(sources, ref.namespace, spec, targetAssumed);
  const owned = ownedSecrets(sources, key, identity, target);
  const home = await withManagers(sources, owned.homes[0], identity);
  const leftover = owned.homes.find(
    ({ secret }) => secret.metadata.name === home?.stored.state.movedFrom,
  );
  return {
    ref,
    application,
    identity,
    spec,
    invalidSpec,
    home,
    target,
    targetAssumed: targetAssumed && target === undefined,
    leftover,
    observation: {
      now: sources.clock.now(),
      clockTrusted: sources.clockGuard.isTrusted(),
      rotationsPaused: sources.rotationsPaused,
      spec,
      uid: identity.uid,
      expiryOnly,
      home:
        home &&
        inspectHome(home, {
          identity,
          spec: expiryOnly || spec.suspend ? undefined : spec,
          leftover: leftover?.secret.metadata.name,
        }),
      target:
        home === undefined && owned.malformed !== undefined
          ? { kind: 'obstructed', impediment: owned.malformed }
          : classifyTarget(sources, ref, identity, spec, target),
      versionFloor: versionFloor(application),
    },
  };
}

function parseKey(key: string): { namespace: string; name: string } {
  const slash = key.indexOf('/');
  return { namespace: key.slice(0, slash), name: key.slice(slash + 1) };
}

function readSpec(
  ref: { namespace: string; name: string },
  application: OIDCApplication | undefined,
): { spec: ApplicationSpec; invalidSpec: InvalidSpecError | undefined } {
  try {
    return { spec: effectiveSpec(ref, application?.spec ?? {}), invalidSpec: undefined };
  } catch (error) {
    if (!(error instanceof InvalidSpecError)) throw error;
    return { spec: effectiveSpec(ref, {}), invalidSpec: error };
  }
}

/** The cache holds labelled Secrets alone: any other is read where one might be created. */
async function findTarget(
  sources: Sources,
  namespace: string,
  { secretName: name }: ApplicationSpec,
  cachedOnly: boolean,
): Promise<SecretObject | undefined> {
  const cached = sources.secrets.get(`${namespace}/${name}`);
  if (cached !== undefined || cachedOnly) return cached;
  return await sources.liveSecrets.find({ namespace, name });
}

/** The application's Secrets, the one that counts first. */
function ownedSecrets(
  sources: Sources,
  key: string,
  identity: Identity,
  target: SecretObject | undefined,
): { homes: Home[]; malformed: Impediment | undefined } {
  const candidates = new Map<string, SecretObject>();
  for (const secret of sources.secrets.byIndex(APPLICATION_INDEX, key)) {
    candidates.set(secret.metadata.name, secret);
  }
  if (target !== undefined) candidates.set(target.metadata.name, target);

  const homes: Home[] = [];
  let malformed: Impediment | undefined;
  for (const secret of candidates.values()) {
    if (secret.metadata.deletionTimestamp !== undefined) continue;
    if (ownershipOf(secret, identity).kind !== 'ours') continue;
    const reading = readRecord(secret);
    if (reading.kind === 'record') homes.push({ secret, stored: reading.stored });
    else malformed ??= malformedSecret(secret, reading.malformed);
  }
  return { homes: byPrecedence(homes, target?.metadata.name), malformed };
}

/** Where a former value was put back, the Secret is read again to learn who did it. */
async function withManagers(
  sources: Sources,
  home: Home | undefined,
  identity: Identity,
): Promise<Home | undefined> {
  if (home === undefined || home.secret.managers !== undefined) return home;
  const { current } = inspectHome(home, { identity, spec: undefined, leftover: undefined });
  if (current.kind !== 'former') return home;
  const { namespace, name } = home.secret.metadata;
  const live = await sources.liveSecrets.find({ namespace, name });
  if (live === undefined || ownershipOf(live, identity).kind !== 'ours') return home;
  const reading = readRecord(live);
  return reading.kind === 'record' ? { secret: live, stored: reading.stored } : home;
}

function classifyTarget(
  sources: Sources,
  ref: { namespace: string; name: string },
  identity: Identity,
  spec: ApplicationSpec,
  target: SecretObject | undefined,
): Target {
  if (target === undefined) return { kind: 'free' };
  if (target.metadata.deletionTimestamp !== undefined) {
    return obstructed('SecretTerminating', `Secret ${target.metadata.name} is being deleted.`);
  }
  const ownership = ownershipOf(target, identity);
  if (ownership.kind === 'predecessor') {
    return obstructed(
      'SecretTerminating',
      `Secret ${target.metadata.name} goes with the deleted OIDCApplication ${identity.name}.`,
    );
  }
  if (ownership.kind === 'ours') {
    const reading = readRecord(target);
    return reading.kind === 'record'
      ? { kind: 'ours' }
      : { kind: 'obstructed', impediment: malformedSecret(target, reading.malformed) };
  }
  const live =
    ownership.kind === 'application' ? claimant(sources, ref, ownership.name, target) : undefined;
  const offered = target.metadata.annotations?.[annotations.adoptBy] === identity.name;
  if (offered && live === undefined && ownership.kind !== 'controller') {
    const obstacle = adoptionObstacle(target, spec);
    return obstacle === undefined ? { kind: 'adoptable' } : obstructed('SecretConflict', obstacle);
  }
  return obstructed('SecretConflict', conflictMessage(target, identity, ownership, live));
}

/** The other application that the Secret belongs to, if it still exists and still names it. */
function claimant(
  sources: Sources,
  ref: { namespace: string },
  name: string,
  target: SecretObject,
): string | undefined {
  const other = sources.applications.get(`${ref.namespace}/${name}`);
  if (other === undefined) return undefined;
  const { spec } = readSpec({ namespace: ref.namespace, name }, other);
  return spec.secretName === target.metadata.name ? name : undefined;
}

function conflictMessage(
  target: SecretObject,
  identity: Identity,
  ownership: Ownership,
  live: string | undefined,
): string {
  const { name } = target.metadata;
  const adopt = `annotate it with ${annotations.adoptBy}=${identity.name}`;
  switch (ownership.kind) {
    case 'controller':
      return (
        `Secret ${name} is owned by ${ownership.owner}. Choose another spec.secret.name, ` +
        'or delete that Secret.'
      );
    case 'application':
      return live === undefined
        ? `Secret ${name} belongs to OIDCApplication ${ownership.name}, which does not use it any ` +
            `more. To take it over, ${adopt}; or choose another spec.secret.name.`
        : `Secret ${name} belongs to OIDCApplication ${live}. Choose another spec.secret.name.`;
    case 'provider':
      return (
        `Secret ${name} was published for ${ownership.provider ?? 'no identity provider'}, not for ` +
        `${identity.provider ?? 'none'}. Delete it, or choose another spec.secret.name.`
      );
    default:
      return (
        `Secret ${name} exists and is not managed by Keyturn. Choose another spec.secret.name, ` +
        `delete that Secret, or, to take it over with the client secret in it, ${adopt}.`
      );
  }
}

function malformedSecret(
  secret: SecretObject,
  { annotation, problem }: { annotation: string; problem: string },
): Impediment {
  return {
    reason: 'SecretMalformed',
    message:
      `Annotation ${annotation} of Secret ${secret.metadata.name} ${problem}, so nothing is done ` +
      'with it. Put the annotation right, or delete the Secret to have a new client secret issued.',
  };
}

function obstructed(reason: Impediment['reason'], message: string): Target {
  return { kind: 'obstructed', impediment: { reason, message } };
}

function versionFloor(application: OIDCApplication | undefined): number {
  const status = application?.status;
  return Math.max(
    0,
    status?.currentSecret?.version ?? 0,
    status?.previousSecret?.version ?? 0,
    status?.lastRevocation?.version ?? 0,
  );
}
