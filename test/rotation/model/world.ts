import { createHash } from 'node:crypto';
import type { ApplicationSpec } from '../../../src/api/application.ts';
import type { Authority } from '../../../src/rotation/authority.ts';
import { decide } from '../../../src/rotation/decide.ts';
import type { Action, Decision, SecretAction, Wait } from '../../../src/rotation/decision.ts';
import type { Observation, OwnedSecret, Target } from '../../../src/rotation/observation.ts';
import type { Millis, RevocationReason, SecretRecord } from '../../../src/rotation/record.ts';
import { transition } from '../../../src/rotation/transition.ts';
import { DEFAULT_SPEC, NOW } from '../fixtures.ts';
import { type BackingSecret, currentValue, previousValue, type Token } from './backing-secret.ts';
import { Errand, ProviderModel } from './provider.ts';

export interface Application {
  readonly uid: string;
  readonly generation: number;
  readonly spec: ApplicationSpec;
  /** False: stored before admission knew better, so that it cannot be read. */
  readonly readable: boolean;
  /** Since when it is deleted, while something keeps it from going. */
  readonly deletedAt: Millis | undefined;
  /** Whether the operator's finalizer is on it. */
  readonly held: boolean;
  /** The highest version in status. */
  readonly versionInStatus: number;
}

type Named = readonly [name: string, secret: BackingSecret];

/** One write of the operator: what it was decided on, and the home before and after. */
export interface Step {
  readonly o: Observation;
  readonly action: Action;
  readonly before: BackingSecret | undefined;
  readonly after: BackingSecret | undefined;
}

export interface Settled {
  readonly o: Observation;
  readonly wait: Wait;
  readonly home: BackingSecret | undefined;
}

/** Why a step ended what was retained; undefined if it did not. */
export function reasonOf({ action }: Step): RevocationReason | undefined {
  if (action.kind === 'RevokePrevious') return action.reason;
  if (action.kind !== 'Rotate' || action.retain !== undefined) return undefined;
  return action.cause === 'IssuedBefore' ? 'IssuedBefore' : 'NotRetained';
}

/** No state needs more steps than this to settle, nor than that where there is a provider. */
export const MAX_STEPS = 8;
export const MAX_STEPS_AT_PROVIDER = 20;

/**
 * A namespace with one application, its Secrets and a clock. The operator's part is done as the
 * controller does it: observe, decide, one write at a time; whatever else happens is in moves.ts.
 */
export class World {
  now: Millis = NOW;
  clockTrusted = true;
  rotationsPaused = false;
  application: Application | undefined;
  lastSpec = DEFAULT_SPEC;
  /** The application's Secrets by name. */
  readonly secrets = new Map<string, BackingSecret>();
  /** Other Secrets by name, and the value that they offer for adoption. */
  readonly others = new Map<string, Token | undefined>();
  provider: ProviderModel | undefined;
  #errand: Errand | undefined;
  #tokens = 0;
  #uids = 0;

  newToken(): Token {
    this.#tokens += 1;
    return this.#tokens;
  }

  /** Creates the application, where there was one as it was last, apart from `changes`. */
  create(changes: Partial<ApplicationSpec>): void {
    const spec = { ...this.lastSpec, ...changes };
    this.#uids += 1;
    const uid = createHash('sha256').update(String(this.#uids)).digest('hex');
    this.application = {
      uid,
      generation: 1,
      spec,
      readable: true,
      deletedAt: undefined,
      held: false,
      versionInStatus: 0,
    };
  }

  /** Has an identity provider be the authority; its client has a secret. */
  attach(): ProviderModel {
    this.provider = new ProviderModel(this.newToken());
    return this.provider;
  }

  /** Puts a Secret there, as an earlier operator left it. */
  find(record: SecretRecord): void {
    const keys = {
      current: this.newToken(),
      previous: record.previous && this.newToken(),
    };
    this.secrets.set(this.#spec.secretName, {
      record,
      keys,
      known: { ...keys, former: new Set() },
      movedFrom: undefined,
      labels: JSON.stringify(this.#spec.labels),
      deletionPolicy: this.#spec.deletionPolicy,
    });
  }

  /**
   * The application's Secret of the highest version; of two, the one that was moved to, or, where
   * they were moved to and fro, the one that spec names.
   */
  get home(): Named | undefined {
    const movedFrom = ([, a]: Named, [b]: Named) => Number(a.movedFrom === b);
    const isNamed = ([name]: Named) => Number(name === this.#spec.secretName);
    return [...this.secrets].sort(
      (a, b) =>
        b[1].record.current.version - a[1].record.current.version ||
        movedFrom(b, a) - movedFrom(a, b) ||
        isNamed(b) - isNamed(a),
    )[0];
  }

  get #expiryOnly(): boolean {
    return this.application?.readable !== true || this.application.deletedAt !== undefined;
  }

  /**
   * An unreadable spec, and that of an application that is gone, reads as if nothing were said but
   * what becomes of the Secret.
   */
  get #spec(): ApplicationSpec {
    if (this.application === undefined) return DEFAULT_SPEC;
    const { readable, spec } = this.application;
    return readable ? spec : { ...DEFAULT_SPEC, deletionPolicy: spec.deletionPolicy };
  }

  observe(): Observation {
    const { home } = this;
    return {
      now: this.now,
      clockTrusted: this.clockTrusted,
      rotationsPaused: this.rotationsPaused,
      spec: this.#spec,
      uid: this.application?.uid ?? '',
      generation: this.application?.generation ?? 0,
      authority: this.#authority(home?.[1]),
      deletedAt: this.application?.deletedAt,
      holdsDeletion: this.application?.held ?? false,
      expiryOnly: this.#expiryOnly,
      home: home && this.#inspect(...home),
      target: this.#target(),
      versionFloor: this.application?.versionInStatus ?? 0,
    };
  }

  /** Decides once and carries it out. */
  step(): Step | Settled {
    const before = this.home?.[1];
    const o = this.observe();
    const decision = decide(o);
    if (decision.kind === 'Wait') return { o, wait: decision, home: before };
    switch (decision.kind) {
      case 'ReadProvider':
      case 'SendRotation':
      case 'RevokeAtProvider':
      case 'Probe':
        this.#errand?.carryOut(decision, before, this.now);
        break;
      case 'HoldDeletion':
      case 'ReleaseDeletion':
        this.#hold(decision.kind === 'HoldDeletion');
        break;
      default:
        this.#carryOut(o, decision);
        if (decision.kind === 'BeginRotation') this.#errand?.began();
    }
    return { o, action: decision, before, after: this.home?.[1] };
  }

  /** A reconciliation ends, or the operator crashes: what it has learnt at the provider is forgotten. */
  endReconciliation(): void {
    this.#errand = undefined;
  }

  #authority(home: BackingSecret | undefined): Authority {
    if (this.provider === undefined) return { kind: 'local' };
    this.#errand ??= new Errand(this.provider, () => this.newToken());
    return this.#errand.authority(home);
  }

  #hold(held: boolean): void {
    if (this.application === undefined) return;
    this.application = { ...this.application, held };
    if (!held && this.application.deletedAt !== undefined) this.remove();
  }

  /** The application goes, and with it what it owns: garbage collection sees to that. */
  remove(): void {
    this.lastSpec = this.application?.spec ?? this.lastSpec;
    this.application = undefined;
    for (const [name, { deletionPolicy }] of this.secrets) {
      if (deletionPolicy === 'Delete') this.secrets.delete(name);
    }
  }

  /** What is decided at `now`, with nothing but the time changed. */
  foresee(now: Millis): Decision {
    return decide({ ...this.observe(), now });
  }

  /** Writes status, as is done once there is nothing left to do. */
  report(): void {
    const { application, home } = this;
    if (application === undefined || application.deletedAt !== undefined || home === undefined)
      return;
    const { current, lastRevocation } = home[1].record;
    const versionInStatus = Math.max(current.version, lastRevocation?.version ?? 0);
    this.application = { ...application, versionInStatus };
  }

  #inspect(name: string, secret: BackingSecret): OwnedSecret {
    const { spec } = this.application ?? { spec: DEFAULT_SPEC };
    const frozen = this.#expiryOnly || spec.suspend;
    const leftover = this.#leftoverOf(secret);
    const drift = [
      ...(JSON.stringify(spec.labels) === secret.labels ? [] : ['label app']),
      ...(spec.deletionPolicy === secret.deletionPolicy ? [] : ['owner reference']),
      ...(leftover === secret.movedFrom ? [] : ['annotation keyturn.dev/state']),
    ];
    return {
      name,
      record: secret.record,
      current: currentValue(secret),
      previous: previousValue(secret),
      immutable: false,
      impediment: undefined,
      drift: frozen ? [] : drift,
      leftover,
    };
  }

  #leftoverOf({ movedFrom }: BackingSecret): string | undefined {
    return movedFrom !== undefined && this.secrets.has(movedFrom) ? movedFrom : undefined;
  }

  #target(): Target {
    const { secretName } = this.#spec;
    if (this.secrets.has(secretName)) return { kind: 'ours' };
    if (!this.others.has(secretName)) return { kind: 'free' };
    if (this.others.get(secretName) !== undefined) return { kind: 'adoptable' };
    const impediment = { reason: 'SecretConflict', message: 'somebody else’s' } as const;
    return { kind: 'obstructed', impediment };
  }

  /** The one write that `action` amounts to: record and values together. */
  #carryOut(o: Observation, action: SecretAction): void {
    if (action.kind === 'DeleteLeftover') {
      this.secrets.delete(action.name);
      return;
    }
    const [homeName, home] = this.home ?? [undefined, undefined];
    const { record, values } = transition(o, action);
    const found = home === undefined ? this.others.get(o.spec.secretName) : home.keys.current;
    const provided = this.#errand?.seen;
    const current = {
      fresh: () => this.newToken(),
      observed: () => found,
      provider: () => provided?.current,
    }[values.current]();
    const retained = home?.record.previous === undefined ? undefined : home.keys.previous;
    const previous = {
      keep: retained,
      current: found,
      provider: provided?.previous?.token,
      none: undefined,
    }[values.previous];

    const isNew = values.current !== 'observed' || home === undefined || action.kind === 'Accept';
    const recorded = isNew ? current : home.known.current;
    if (recorded === undefined) throw new Error(`${action.kind} publishes no value`);
    const former = new Set(home?.known.former);
    for (const token of [home?.known.current, home?.known.previous]) {
      if (token !== undefined) former.add(token);
    }
    const moves = action.kind === 'Move';
    const frozen = this.#expiryOnly || o.spec.suspend;
    const name = homeName === undefined || moves ? o.spec.secretName : homeName;
    this.others.delete(name);
    this.secrets.set(name, {
      record,
      keys: { current, previous },
      known: {
        current: recorded,
        previous: {
          keep: home?.known.previous,
          current: home?.known.current,
          provider: provided?.previous?.token,
          none: undefined,
        }[values.previous],
        former,
      },
      ...(frozen && home !== undefined
        ? { movedFrom: home.movedFrom, labels: home.labels, deletionPolicy: home.deletionPolicy }
        : {
            movedFrom: moves ? homeName : home && this.#leftoverOf(home),
            labels: JSON.stringify(o.spec.labels),
            deletionPolicy: o.spec.deletionPolicy,
          }),
    });
  }
}
