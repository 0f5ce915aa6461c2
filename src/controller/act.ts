import { randomBytes } from 'node:crypto';
import type { SecretKeys } from '../api/application.ts';
import { annotations } from '../api/names.ts';
import { SecretValue } from '../api/secret-value.ts';
import type { ResourceClient } from '../kubernetes/client.ts';
import { keyOf, type Store } from '../kubernetes/store.ts';
import type { SecretAction } from '../rotation/decision.ts';
import { transition } from '../rotation/transition.ts';
import { upstreamOf } from './authority/consult.ts';
import { nextDigests } from './backing-secret/digests.ts';
import {
  currentValueOf,
  type Home,
  issuerOf,
  keysInForce,
  NO_UPSTREAM,
  previousValueOf,
} from './backing-secret/inspect.ts';
import {
  type Content,
  difference,
  keyNames,
  manifest,
  type Rendered,
  renderFrozen,
  renderPublished,
  renderWithdrawn,
} from './backing-secret/render.ts';
import { parseState, type SecretState } from './backing-secret/state.ts';
import type { Gathered } from './gather.ts';
import type { SecretObject } from './resources.ts';

export interface SecretWriter {
  readonly secrets: Store<SecretObject>;
  readonly client: ResourceClient<SecretObject>;
}

/** A step that is ready to be carried out. */
export interface Step {
  /** Every secret value that the write may concern, so that no error message tells one. */
  readonly values: readonly SecretValue[];
  /** One write, which the API server refuses if the Secret is not the one that was decided on. */
  run(writer: SecretWriter): Promise<void>;
}

/** Works out the one write that `action` amounts to. */
export function prepare(g: Gathered, action: SecretAction): Step {
  const { leftover } = g;
  if (action.kind === 'DeleteLeftover') {
    return {
      values: secretsIn(leftover?.secret, leftover?.stored.state.keys),
      run: async (writer) => {
        if (leftover !== undefined) await deleteLeftover(writer, leftover);
      },
    };
  }
  const content = contentAfter(g, action);
  const { current, previous } = content.values;
  const carried = [current, previous].filter((value) => value !== undefined);
  return {
    values: [
      ...carried,
      ...providedValues(g),
      ...secretsIn(g.home?.secret, g.home?.stored.state.keys),
      ...secretsIn(g.target, g.spec.keys),
    ],
    run: (writer) => write(writer, g, action, content),
  };
}

/** All values of a Secret but the client ID and the issuer, which are public. */
function secretsIn(secret: SecretObject | undefined, keys: SecretKeys | undefined): SecretValue[] {
  return Object.entries(secret?.data ?? {})
    .filter(([key]) => key !== keys?.clientID && key !== keys?.issuer)
    .map(([, value]) => value);
}

function providedValues({ provider }: Gathered): SecretValue[] {
  const { current, previous } = provider?.errand.secrets ?? {};
  return [current, previous?.value].filter((value) => value !== undefined);
}

async function write(
  writer: SecretWriter,
  g: Gathered,
  action: SecretAction,
  content: Content,
): Promise<void> {
  if (g.home !== undefined && (g.observation.expiryOnly || g.spec.suspend)) {
    await patch(writer, g.home.secret, renderFrozen(content, g.home.stored.state));
    return;
  }
  const isMove = action.kind === 'Move';
  const upstream = g.provider === undefined ? NO_UPSTREAM : upstreamOf(g.provider);
  const destination = g.home === undefined || isMove ? g.target : g.home.secret;
  const rendered = renderPublished(
    g.identity,
    g.spec,
    content,
    isMove ? destination && stateOf(destination) : g.home?.stored.state,
    keysAfter(g, isMove),
    {
      owners: destination?.metadata.ownerReferences ?? [],
      movedFrom: isMove ? g.home?.secret.metadata.name : g.leftover?.secret.metadata.name,
      backend: g.home?.stored.state.backend ?? upstream.backend,
      issuer: issuerOf(g.home, upstream),
    },
  );
  if (destination !== undefined) await patch(writer, destination, rendered);
  else await create(writer, { namespace: g.ref.namespace, name: g.spec.secretName }, rendered);
}

/** What an outdated copy of the application's Secret says was published there. */
function stateOf({ metadata }: SecretObject): SecretState | undefined {
  return parseState(metadata.annotations?.[annotations.state] ?? '');
}

/** A client secret: 256 random bits in base64url. */
function generate(): SecretValue {
  return SecretValue.fromText(randomBytes(32).toString('base64url'));
}

function contentAfter(g: Gathered, action: SecretAction): Content {
  const next = transition(g.observation, action);
  const observed =
    g.home === undefined ? g.target?.data[g.spec.keys.clientSecret] : currentValueOf(g.home);
  const provided = g.provider?.errand.secrets;
  const current = { fresh: generate, observed: () => observed, provider: () => provided?.current }[
    next.values.current
  ]();
  const previous = {
    keep: g.home && previousValueOf(g.home),
    current: observed,
    provider: provided?.previous?.value,
    none: undefined,
  }[next.values.previous];
  const values = { current, previous };
  return {
    record: next.record,
    digests: nextDigests(g.home?.stored.state.digests, action, next.values, values),
    values,
    isReplaced: next.values.current !== 'observed',
  };
}

function keysAfter(g: Gathered, isMove: boolean): SecretKeys {
  return g.home === undefined || isMove ? g.spec.keys : keysInForce(g.home, g.spec).keys;
}

async function create(
  { secrets, client }: SecretWriter,
  ref: { namespace: string; name: string },
  rendered: Rendered,
): Promise<void> {
  await secrets.write(keyOf(ref), () => client.create(manifest(ref, rendered)));
}

async function patch(
  { secrets, client }: SecretWriter,
  secret: SecretObject,
  rendered: Rendered,
): Promise<void> {
  const { patch: changes, words } = difference(secret, rendered);
  if (words.length === 0) return;
  await secrets.write(keyOf(secret), () => client.mergePatch(secret.metadata, changes));
}

/** What holds nothing but ours is deleted; other data in it stays. */
async function deleteLeftover(writer: SecretWriter, { secret, stored }: Home): Promise<void> {
  const ours = new Set(keyNames(stored.state.keys));
  if (Object.keys(secret.data).some((key) => !ours.has(key))) {
    await patch(writer, secret, renderWithdrawn(stored.state));
    return;
  }
  const { uid, resourceVersion } = secret.metadata;
  await writer.secrets.remove(keyOf(secret), () =>
    writer.client.delete(secret.metadata, { uid, resourceVersion }),
  );
}
