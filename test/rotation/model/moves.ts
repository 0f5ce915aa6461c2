import type { ApplicationSpec } from '../../../src/api/application.ts';
import type { Millis } from '../../../src/rotation/record.ts';
import { HOUR, specTime } from '../fixtures.ts';
import type { BackingSecret, Token } from './backing-secret.ts';
import type { Loss } from './provider.ts';
import type { World } from './world.ts';

export const ANCHORS = [
  'now',
  'issuedAt',
  'previousIssuedAt',
  'retiredAt',
  'expiresAt',
  'rotateAfter',
  'revokeRetiredBefore',
  'revokeIssuedBefore',
] as const;

/** A moment told by what it is near to, since faults live at the edges. */
export interface Moment {
  readonly anchor: (typeof ANCHORS)[number];
  readonly offset: Millis;
}

export type Edit =
  | {
      readonly field: 'rotateAfter' | 'revokeRetiredBefore' | 'revokeIssuedBefore';
      readonly to: Moment | undefined;
      /** Another spelling of the same moment. */
      readonly respelt: boolean;
    }
  | {
      readonly field: 'other';
      readonly to: Partial<ApplicationSpec>;
    };

/** What is put under a key of the backing Secret; a number picks one of the former values. */
export type Forgery = 'nothing' | 'new' | number;

/** Something that happens and is not the operator's doing. */
export type Move =
  | { readonly kind: 'edit'; readonly edit: Edit }
  | { readonly kind: 'wait'; readonly until: Moment }
  | { readonly kind: 'sleep' }
  | { readonly kind: 'stepClock'; readonly by: Millis }
  | { readonly kind: 'trustClock'; readonly trusted: boolean }
  | { readonly kind: 'pauseRotations'; readonly paused: boolean }
  | { readonly kind: 'loseStatus' }
  | { readonly kind: 'terminate' }
  | { readonly kind: 'deleteApplication' }
  | { readonly kind: 'createApplication'; readonly spec: Partial<ApplicationSpec> }
  | { readonly kind: 'garble'; readonly readable: boolean }
  | { readonly kind: 'deleteSecret' }
  | { readonly kind: 'occupy'; readonly name: string; readonly offered: boolean }
  | { readonly kind: 'vacate'; readonly name: string }
  | { readonly kind: 'tamperCurrent' | 'tamperPrevious'; readonly with: Forgery }
  | ProviderMove;

/** Something that happens at the provider and is not the operator's doing. */
export type ProviderMove =
  /** Somebody rotates there, retaining the secret before for so long. */
  | { readonly kind: 'rotateByHand'; readonly retainFor: Millis | undefined }
  | { readonly kind: 'revokeByHand' }
  | { readonly kind: 'reach'; readonly reachable: boolean }
  | { readonly kind: 'linger'; readonly lingers: boolean }
  /** The answer to the next request that changes something is lost. */
  | { readonly kind: 'loseAnswer'; readonly loss: Loss };

/** Makes `move` happen; does nothing where there is nothing that it could happen to. */
export function perform(world: World, move: Move): void {
  switch (move.kind) {
    case 'edit':
      editSpec(world, move.edit);
      return;
    case 'wait':
      world.now = Math.max(world.now, resolve(world, move.until));
      return;
    case 'sleep': {
      const next = world.foresee(world.now);
      world.now = (next.kind === 'Wait' ? next.until : undefined) ?? world.now + HOUR;
      return;
    }
    case 'stepClock':
      world.now += move.by;
      return;
    case 'trustClock':
      world.clockTrusted = move.trusted;
      return;
    case 'pauseRotations':
      world.rotationsPaused = move.paused;
      return;
    case 'loseStatus':
      if (world.application) world.application = { ...world.application, versionInStatus: 0 };
      return;
    case 'terminate':
      terminate(world);
      return;
    case 'deleteApplication':
      if (world.application?.held === true) terminate(world);
      else world.remove();
      return;
    case 'createApplication':
      if (world.application === undefined) world.create(move.spec);
      return;
    case 'garble':
      if (world.application) world.application = { ...world.application, readable: move.readable };
      return;
    case 'deleteSecret':
      if (world.home !== undefined) world.secrets.delete(world.home[0]);
      return;
    case 'occupy':
      if (world.secrets.has(move.name) || world.others.has(move.name)) return;
      world.others.set(move.name, move.offered ? world.newToken() : undefined);
      return;
    case 'vacate':
      world.others.delete(move.name);
      return;
    case 'tamperCurrent':
      tamper(world, (secret) => ({
        ...secret,
        keys: { ...secret.keys, current: forge(world, secret, move.with) },
      }));
      return;
    case 'tamperPrevious':
      tamper(world, (secret) => ({
        ...secret,
        keys: { ...secret.keys, previous: forge(world, secret, move.with) },
      }));
      return;
    case 'rotateByHand': {
      const { retainFor } = move;
      const retainUntil = retainFor === undefined ? undefined : world.now + retainFor;
      world.provider?.rotate(world.newToken(), retainUntil);
      return;
    }
    case 'revokeByHand':
      world.provider?.revokePrevious();
      return;
    case 'reach':
      if (world.provider) world.provider.reachable = move.reachable;
      return;
    case 'linger':
      if (world.provider) world.provider.lingers = move.lingers;
      return;
    case 'loseAnswer':
      if (world.provider) world.provider.losing = move.loss;
      return;
  }
}

function editSpec(world: World, change: Edit): void {
  const { application } = world;
  if (application === undefined) return;
  const spec = { ...application.spec, ...edited(world, change) };
  world.application = { ...application, spec, generation: application.generation + 1 };
}

function edited(world: World, change: Edit): Partial<ApplicationSpec> {
  if (change.field === 'other') return change.to;
  if (change.to === undefined) return { [change.field]: undefined };
  const { text, time } = specTime(resolve(world, change.to));
  return { [change.field]: { text: change.respelt ? text.replace('Z', '+00:00') : text, time } };
}

function terminate(world: World): void {
  const { application, now } = world;
  if (application !== undefined)
    world.application = { ...application, deletedAt: application.deletedAt ?? now };
}

function tamper(world: World, change: (secret: BackingSecret) => BackingSecret): void {
  if (world.home === undefined) return;
  const [name, secret] = world.home;
  world.secrets.set(name, change(secret));
}

function forge(world: World, { known }: BackingSecret, what: Forgery): Token | undefined {
  if (what === 'nothing') return undefined;
  const ended = [...known.former].reverse();
  return (what === 'new' ? undefined : ended[what]) ?? world.newToken();
}

function resolve(world: World, { anchor, offset: by }: Moment): Millis {
  const record = world.home?.[1].record;
  const spec = world.application?.spec;
  const at = {
    now: world.now,
    issuedAt: record?.current.issuedAt,
    previousIssuedAt: record?.previous?.issuedAt,
    retiredAt: record?.previous?.retiredAt,
    expiresAt: record?.previous?.expiresAt,
    rotateAfter: spec?.rotateAfter?.time,
    revokeRetiredBefore: spec?.revokeRetiredBefore?.time,
    revokeIssuedBefore: spec?.revokeIssuedBefore?.time,
  }[anchor];
  return (at ?? world.now) + by;
}
