import type { ApplicationSpec, InvalidSpecError } from '../api/application.ts';
import { FINALIZER } from '../api/names.ts';
import { parseTimestamp } from '../api/timestamp.ts';
import type { Store } from '../kubernetes/store.ts';
import type { Observation } from '../rotation/observation.ts';
import { authorityOf, LOCAL, upstreamOf } from './authority/consult.ts';
import type { Errand } from './authority/errand.ts';
import {
  type GatheredProvider,
  gatherProvider,
  type ProviderSources,
} from './authority/gather-provider.ts';
import { currentValue, type Home, inspectHome, NO_UPSTREAM } from './backing-secret/inspect.ts';
import { type Identity, ownershipOf, providerName } from './backing-secret/ownership.ts';
import { readRecord } from './backing-secret/read.ts';
import type { ClockGuard } from './clock-guard.ts';
import { gatherEstranged } from './gather-estranged.ts';
import { findUnseen, ownedSecrets, type SecretSources } from './owned-secrets.ts';
import { readSpec } from './read-spec.ts';
import type { OIDCApplication, SecretObject } from './resources.ts';
import { classifyTarget } from './target.ts';

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
  /** The Secret from when it had another identity provider whose previous secret ends first. */
  readonly estranged: Gathered | undefined;
  /** Why spec cannot be read. */
  readonly invalidSpec: InvalidSpecError | undefined;
  /** Undefined where the backing Secret itself is the authority. */
  readonly provider: GatheredProvider | undefined;
}

export interface Sources extends ProviderSources, SecretSources {
  readonly applications: Store<OIDCApplication>;
  readonly clockGuard: ClockGuard;
  readonly rotationsPaused: boolean;
}

/**
 * Gathers what is known of the application `key`, which may be gone, `errand` being under way for it.
 * Where `assumeFree`, the cache is believed as to whether a new application's Secret exists, which it
 * tells of labelled ones only.
 */
export async function gather(
  sources: Sources,
  key: string,
  errand: Errand,
  assumeFree: boolean,
): Promise<Gathered> {
  const ref = parseKey(key);
  const application = sources.applications.get(key);
  const { spec, invalidSpec } = readSpec(ref, application);
  const identity: Identity = {
    name: ref.name,
    uid: application?.metadata.uid ?? '',
    provider: providerName(spec.providerRef),
    isGone: application === undefined,
  };
  const expiryOnly =
    application === undefined ||
    application.metadata.deletionTimestamp !== undefined ||
    invalidSpec !== undefined;

  const targetAssumed = assumeFree && !expiryOnly && application.status === undefined;
  const target = expiryOnly
    ? undefined
    : await findTarget(sources, ref.namespace, spec, targetAssumed);
  const seen = ownedSecrets(sources, key, identity, target);
  const unseen = expiryOnly ? undefined : await findUnseen(sources, application, spec, seen);
  const owned = unseen === undefined ? seen : ownedSecrets(sources, key, identity, target, unseen);
  const home = await withManagers(sources, owned.homes[0], identity, spec);
  const provider = gatherProvider(sources, ref, application, spec, home, errand);
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
    estranged: gatherEstranged(sources, ref, owned.estranged),
    provider,
    observation: {
      now: sources.clock.now(),
      clockTrusted: sources.clockGuard.isTrusted(),
      rotationsPaused: sources.rotationsPaused,
      spec,
      uid: identity.uid,
      generation: application?.metadata.generation ?? 0,
      authority:
        provider === undefined ? LOCAL : authorityOf(provider, errand, provider.memory, home),
      deletedAt: deletionTime(application),
      holdsDeletion: application?.metadata.finalizers?.includes(FINALIZER) ?? false,
      expiryOnly,
      home:
        home &&
        inspectHome(home, {
          identity,
          spec: expiryOnly || spec.suspend ? undefined : spec,
          leftover: leftover?.secret.metadata.name,
          upstream: provider === undefined ? NO_UPSTREAM : upstreamOf(provider),
        }),
      target:
        home === undefined && owned.malformed !== undefined
          ? { kind: 'obstructed', impediment: owned.malformed }
          : classifyTarget(sources.applications, identity, spec, target),
      versionFloor: versionFloor(application),
    },
  };
}

function parseKey(key: string): { namespace: string; name: string } {
  const slash = key.indexOf('/');
  return { namespace: key.slice(0, slash), name: key.slice(slash + 1) };
}

function deletionTime(application: OIDCApplication | undefined): number | undefined {
  const text = application?.metadata.deletionTimestamp;
  return text === undefined ? undefined : parseTimestamp(text);
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

/** Where a value was put there that is to be replaced, the Secret is read again to learn who did it. */
async function withManagers(
  sources: Sources,
  home: Home | undefined,
  identity: Identity,
  { providerRef }: ApplicationSpec,
): Promise<Home | undefined> {
  if (home === undefined || home.secret.managers !== undefined) return home;
  const { kind } = currentValue(home);
  if (kind !== 'former' && (kind !== 'foreign' || providerRef === undefined)) return home;
  const { namespace, name } = home.secret.metadata;
  const live = await sources.liveSecrets.find({ namespace, name });
  if (live === undefined || ownershipOf(live, identity).kind !== 'ours') return home;
  const reading = readRecord(live);
  return reading.kind === 'record' ? { secret: live, stored: reading.stored } : home;
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
