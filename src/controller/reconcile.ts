import { randomUUID } from 'node:crypto';
import { mergePatch } from '../api/merge-patch.ts';
import {
  ApiError,
  FencedError,
  isAlreadyExists,
  isConflict,
  isNotFound,
} from '../kubernetes/api-error.ts';
import type { ResourceClient } from '../kubernetes/client.ts';
import type { EventRecorder } from '../kubernetes/event-recorder.ts';
import { keyOf } from '../kubernetes/store.ts';
import type { Outcome } from '../kubernetes/workers.ts';
import { decide } from '../rotation/decide.ts';
import type { Action, ProviderAction, SecretAction, Wait } from '../rotation/decision.ts';
import { isOlderState } from '../rotation/versions.ts';
import { prepare, type SecretWriter } from './act.ts';
import { announce, olderState } from './announce.ts';
import type { Announcement } from './announcement.ts';
import { Errand } from './authority/errand.ts';
import { remember } from './authority/remember.ts';
import { settle } from './authority/settle.ts';
import { currentValueOf, previousValueOf } from './backing-secret/inspect.ts';
import { writeFinalizer } from './finalizer.ts';
import { type Gathered, gather, type Sources } from './gather.ts';
import { refresh } from './refresh.ts';
import type { OIDCApplication } from './resources.ts';
import type { Ending } from './status/ending.ts';
import { statusOf } from './status/status.ts';
import { StepFailure } from './step-failure.ts';
import { referenceOf, troubles } from './trouble-events.ts';

/** More steps than any state needs to settle; one more is a fault of ours. */
const MAX_STEPS = 24;
/** How often in a row the provider may fail to tell whether a secret works before that is accepted. */
const PATIENCE = 5;
/** How soon something is looked at again that no watch tells of. */
const RECHECK_MS = 20_000;

/** Told of what happens, for the log and the metrics. */
export interface ReconcileObserver {
  acted(key: string, action: Action): void;
  announced(key: string, announcement: Announcement): void;
  settled(key: string): void;
}

export interface ReconcilerOptions {
  readonly sources: Sources;
  readonly writer: SecretWriter;
  readonly applications: ResourceClient<OIDCApplication>;
  readonly events: EventRecorder;
  readonly observer: ReconcileObserver;
  /** Has the API server's time observed anew. */
  readonly compareClocks: () => Promise<void>;
}

/** Brings one application after another to what its spec says: gather, decide, act, report. */
export class Reconciler {
  readonly #o: ReconcilerOptions;
  readonly #ids = new Map<string, string>();
  /** Applications of which the caches may show less than the API server has. */
  readonly #outdated = new Set<string>();

  constructor(options: ReconcilerOptions) {
    this.#o = options;
  }

  /** The id of the reconciliation of `key` that is under way, or that failed last. */
  idOf(key: string): string | undefined {
    return this.#ids.get(key);
  }

  /** @throws what a write or a read failed with, after it was reported in status */
  async reconcile(key: string, signal: AbortSignal): Promise<Outcome> {
    this.#ids.set(key, randomUUID());
    if (this.#outdated.has(key)) await this.#refresh(key);
    const errand = new Errand(key, signal);
    let assumeFree = true;
    let isRefreshed = false;
    let isTold = false;
    for (let step = 0; step < MAX_STEPS; step += 1) {
      const g = await gather(this.#o.sources, key, errand, assumeFree);
      const decision = decide(g.observation);
      const stands =
        decision.kind === 'ReadProvider' ||
        (decision.kind === 'Wait' && decision.awaitsClock === undefined && !hasLeftToEnd(g));
      if (!stands && !this.#o.sources.clockGuard.isFresh()) {
        await this.#o.compareClocks();
        continue;
      }
      // Creating a Secret finds out by itself whether there is one.
      if (g.targetAssumed) {
        assumeFree = false;
        if (decision.kind !== 'Issue') continue;
      }
      const isOlder = !isTold && isOlderState(g.observation);
      // A move writes to one Secret what another one holds, whose version the API server cannot compare.
      // And a Secret that seems older than status may only be seen late.
      if ((decision.kind === 'Move' || isOlder) && !isRefreshed) {
        await this.#refresh(key);
        isRefreshed = true;
        continue;
      }
      if (isOlder) {
        this.#announce(g, olderState(g), decision.kind);
        isTold = true;
      }
      if (decision.kind === 'Wait') {
        const outcome = await this.#settle(key, g, decision);
        const next = await this.#attendEstranged(key, g);
        this.#ids.delete(key);
        return sooner(outcome, next);
      }
      await this.#act(key, g, decision);
    }
    throw new Error(`${key} did not settle within ${MAX_STEPS} steps`);
  }

  async #refresh(key: string): Promise<void> {
    const { applications: client, writer, sources } = this.#o;
    await refresh({ applications: { store: sources.applications, client }, writer }, key);
    this.#outdated.delete(key);
  }

  async #settle(key: string, g: Gathered, wait: Wait): Promise<Outcome> {
    const settled = g.provider && settle(g.provider, wait);
    const reported = settled === undefined ? wait : settled.wait;
    if (reported !== undefined) await this.#report(g, { kind: 'settled', wait: reported });
    this.#o.observer.settled(key);
    const isGone = g.application === undefined && g.home === undefined;
    if (isGone) this.#o.sources.memories.forget(key);
    // What a wrong clock made of it, also in status, does not stand once the clock is right.
    const unwatched = g.observation.clockTrusted
      ? wait.impediment !== undefined && this.#isUnwatched(g)
      : !isGone;
    // The clock that a deadline is read from may be the wrong one: this is counted off.
    const withinMs = earlier(settled?.withinMs, unwatched ? RECHECK_MS : undefined);
    return outcomeOf(wait.until, withinMs);
  }

  /** Ends what is retained in the Secret from another identity provider, once it has expired. */
  async #attendEstranged(key: string, { estranged }: Gathered): Promise<Outcome> {
    if (estranged === undefined) return {};
    const decision = decide(estranged.observation);
    if (decision.kind === 'Wait') return outcomeOf(decision.until, undefined);
    await this.#act(key, estranged, decision);
    return { withinMs: 0 };
  }

  /** The watch tells of labelled Secrets alone. */
  #isUnwatched({ target }: Gathered): boolean {
    return target !== undefined && this.#o.sources.secrets.get(keyOf(target)) === undefined;
  }

  async #act(key: string, g: Gathered, action: Action): Promise<void> {
    switch (action.kind) {
      case 'ReadProvider':
      case 'SendRotation':
      case 'RevokeAtProvider':
      case 'Probe':
        await this.#ask(g, action);
        break;
      case 'HoldDeletion':
      case 'ReleaseDeletion':
        await this.#write(key, () =>
          writeFinalizer(this.#o.sources.applications, this.#o.applications, g, action),
        );
        break;
      default:
        if (!(await this.#writeSecret(g, action))) return;
    }
    this.#o.observer.acted(key, action);
    for (const announcement of announce(g, action)) this.#announce(g, announcement, action.kind);
  }

  async #ask({ home, provider }: Gathered, action: ProviderAction): Promise<void> {
    if (provider?.client === undefined) throw new Error(`${action.kind} without a provider`);
    const held = {
      current: home && currentValueOf(home),
      previous: home && previousValueOf(home),
    };
    const { errand, memory, client } = provider;
    await errand.carryOut(client, held, action, memory.failures < PATIENCE);
    remember(memory, errand, action, this.#o.sources.clock.now());
  }

  /** Resolves with false where there is a Secret already, which was assumed not to be. */
  async #writeSecret(g: Gathered, action: SecretAction): Promise<boolean> {
    const step = prepare(g, action);
    try {
      await this.#write(keyOf(g.ref), () => step.run(this.#o.writer));
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      if (g.targetAssumed && isAlreadyExists(error)) return false;
      // An admission webhook may quote the whole object, whatever the status it answers with.
      const message = step.values.reduce((text, value) => value.redactFrom(text), error.message);
      // Where the Secret changed since it was read, what to do is decided on what it is now.
      if (error instanceof ApiError && !isOutdated(error)) {
        await this.#report(g, { kind: 'failed', action, message });
      }
      throw new StepFailure(message, error instanceof ApiError ? error.retryAfterMs : undefined);
    }
    if (action.kind === 'BeginRotation') g.provider?.errand.began();
    return true;
  }

  async #report(g: Gathered, ending: Ending): Promise<void> {
    const { application } = g;
    if (application === undefined || application.metadata.deletionTimestamp !== undefined) return;
    const status = statusOf(application, g, ending);
    const patch = mergePatch(application.status ?? {}, status);
    if (patch === undefined) return;
    const { uid, resourceVersion } = application.metadata;
    const key = keyOf(application);
    const send = () =>
      this.#o.applications.mergePatch(
        application.metadata,
        { metadata: { uid, resourceVersion }, status: patch },
        { subresource: 'status' },
      );
    await this.#write(key, () => this.#o.sources.applications.write(key, send));
    for (const condition of troubles(application.status?.conditions, status.conditions)) {
      const reason = condition.type === 'RotationHeld' ? condition.type : condition.reason;
      this.#announce(g, { type: 'Warning', reason, note: condition.message }, 'Reconcile');
    }
  }

  /** Runs a write. What it fails with may mean that the caches do not show what there is. */
  async #write(key: string, run: () => Promise<unknown>): Promise<void> {
    try {
      await run();
    } catch (error) {
      if (!isRefusal(error)) this.#outdated.add(key);
      throw error;
    }
  }

  #announce(g: Gathered, announcement: Announcement, action: string): void {
    this.#o.observer.announced(keyOf(g.ref), announcement);
    const { type, reason, note } = announcement;
    const regarding = referenceOf(g);
    if (regarding !== undefined) this.#o.events.record({ regarding, type, reason, note, action });
  }
}

function hasLeftToEnd({ estranged }: Gathered): boolean {
  return estranged !== undefined && decide(estranged.observation).kind !== 'Wait';
}

function outcomeOf(at: number | undefined, withinMs: number | undefined): Outcome {
  return { ...(at !== undefined && { at }), ...(withinMs !== undefined && { withinMs }) };
}

function sooner(a: Outcome, b: Outcome): Outcome {
  return outcomeOf(earlier(a.at, b.at), earlier(a.withinMs, b.withinMs));
}

function earlier(...times: readonly (number | undefined)[]): number | undefined {
  const known = times.filter((time) => time !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}

/** Whether the API server has seen the write, and did not do it, for no reason that will pass. */
function isRefusal(error: unknown): boolean {
  if (error instanceof FencedError || isAlreadyExists(error)) return true;
  return (
    error instanceof ApiError && error.status < 500 && !isConflict(error) && !isNotFound(error)
  );
}

function isOutdated(error: unknown): boolean {
  return isConflict(error) || isNotFound(error) || isAlreadyExists(error);
}
