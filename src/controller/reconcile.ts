import { randomUUID } from 'node:crypto';
import { mergePatch } from '../api/merge-patch.ts';
import { API_VERSION, KIND } from '../api/names.ts';
import type { Condition } from '../api/oidcapplication.gen.ts';
import { ApiError, isAlreadyExists, isConflict, isNotFound } from '../kubernetes/api-error.ts';
import type { ResourceClient } from '../kubernetes/client.ts';
import type { EventRecorder, EventReference } from '../kubernetes/event-recorder.ts';
import { keyOf } from '../kubernetes/store.ts';
import type { Outcome } from '../kubernetes/workers.ts';
import { decide } from '../rotation/decide.ts';
import type { Action, Wait } from '../rotation/decision.ts';
import { prepare, type SecretWriter } from './act.ts';
import { type Announcement, announce } from './announce.ts';
import { type Gathered, gather, type Sources } from './gather.ts';
import { refreshSecrets } from './refresh.ts';
import type { OIDCApplication } from './resources.ts';
import type { Ending } from './status/ending.ts';
import { statusOf } from './status/status.ts';

/** More steps than any state needs to settle; one more is a fault of ours. */
const MAX_STEPS = 12;
/** How soon something is looked at again that no watch tells of. */
const RECHECK_MS = 20_000;

/** A step that failed, with a message that holds no secret value. */
export class StepFailure extends Error {
  override readonly name = 'StepFailure';
  readonly retryAfterMs: number | undefined;

  constructor(message: string, retryAfterMs: number | undefined) {
    super(message);
    this.retryAfterMs = retryAfterMs;
  }
}

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
  /** Applications of whose Secrets the cache may show less than the API server has. */
  readonly #outdated = new Set<string>();

  constructor(options: ReconcilerOptions) {
    this.#o = options;
  }

  /** The id of the reconciliation of `key` that is under way, or that failed last. */
  idOf(key: string): string | undefined {
    return this.#ids.get(key);
  }

  /** @throws what a write or a read failed with, after it was reported in status */
  async reconcile(key: string): Promise<Outcome> {
    this.#ids.set(key, randomUUID());
    if (this.#outdated.has(key)) {
      await refreshSecrets(this.#o.writer, key);
      this.#outdated.delete(key);
    }
    let assumeFree = true;
    for (let step = 0; step < MAX_STEPS; step += 1) {
      const g = await gather(this.#o.sources, key, assumeFree);
      const decision = decide(g.observation);
      const stands = decision.kind === 'Wait' && decision.awaitsClock === undefined;
      if (!stands && !this.#o.sources.clockGuard.isFresh()) {
        await this.#o.compareClocks();
        continue;
      }
      // Creating a Secret finds out by itself whether there is one.
      if (g.targetAssumed) {
        assumeFree = false;
        if (decision.kind !== 'Issue') continue;
      }
      if (decision.kind === 'Wait') return await this.#settle(key, g, decision);
      await this.#act(key, g, decision);
    }
    throw new Error(`${key} did not settle within ${MAX_STEPS} steps`);
  }

  async #settle(key: string, g: Gathered, wait: Wait): Promise<Outcome> {
    await this.#report(g, { kind: 'settled', wait });
    this.#o.observer.settled(key);
    this.#ids.delete(key);
    const unwatched =
      wait.awaitsClock !== undefined || (wait.impediment !== undefined && this.#isUnwatched(g));
    // The clock that a deadline is read from may be the wrong one: this is counted off.
    return {
      ...(wait.until !== undefined && { at: wait.until }),
      ...(unwatched && { withinMs: RECHECK_MS }),
    };
  }

  /** The watch tells of labelled Secrets alone. */
  #isUnwatched({ target }: Gathered): boolean {
    return target !== undefined && this.#o.sources.secrets.get(keyOf(target)) === undefined;
  }

  async #act(key: string, g: Gathered, action: Action): Promise<void> {
    const step = prepare(g, action);
    try {
      await step.run(this.#o.writer);
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      if (g.targetAssumed && isAlreadyExists(error)) return;
      // It may have been carried out all the same, or was decided on what is not so any more.
      if (!isRefusal(error)) this.#outdated.add(key);
      // An admission webhook may quote the whole object, whatever the status it answers with.
      const message = step.values.reduce((text, value) => value.redactFrom(text), error.message);
      // Where the Secret changed since it was read, what to do is decided on what it is now.
      if (error instanceof ApiError && !isOutdated(error)) {
        await this.#report(g, { kind: 'failed', action, message });
      }
      throw new StepFailure(message, error instanceof ApiError ? error.retryAfterMs : undefined);
    }
    this.#o.observer.acted(key, action);
    const announcement = announce(g, action);
    if (announcement !== undefined) this.#announce(g, announcement, action.kind);
  }

  async #report(g: Gathered, ending: Ending): Promise<void> {
    const { application } = g;
    if (application === undefined || application.metadata.deletionTimestamp !== undefined) return;
    const status = statusOf(application, g, ending);
    const patch = mergePatch(application.status ?? {}, status);
    if (patch === undefined) return;
    const { uid, resourceVersion } = application.metadata;
    await this.#o.sources.applications.write(keyOf(application), () =>
      this.#o.applications.mergePatch(
        application.metadata,
        { metadata: { uid, resourceVersion }, status: patch },
        { subresource: 'status' },
      ),
    );
    for (const condition of troubles(application.status?.conditions, status.conditions)) {
      const reason = condition.type === 'RotationHeld' ? condition.type : condition.reason;
      this.#announce(g, { type: 'Warning', reason, note: condition.message }, 'Reconcile');
    }
  }

  #announce(g: Gathered, announcement: Announcement, action: string): void {
    this.#o.observer.announced(keyOf(g.ref), announcement);
    const { type, reason, note } = announcement;
    const regarding = referenceOf(g);
    if (regarding !== undefined) this.#o.events.record({ regarding, type, reason, note, action });
  }
}

/** Whether the API server looked at the write, found nothing outdated in it, and said no. */
function isRefusal(error: Error): boolean {
  return error instanceof ApiError && error.status < 500 && !isConflict(error);
}

function isOutdated(error: unknown): boolean {
  return isConflict(error) || isNotFound(error) || isAlreadyExists(error);
}

/** Conditions that have come to tell of trouble, or of another one than before. */
function troubles(
  before: readonly Condition[] = [],
  after: readonly Condition[] = [],
): readonly Condition[] {
  const isTrouble = ({ type, status }: Condition) =>
    type === 'RotationHeld' || type === 'Stalled' || (type === 'Ready' && status === 'False');
  const isNew = (condition: Condition) =>
    !before.some(
      ({ type, status, reason }) =>
        type === condition.type && status === condition.status && reason === condition.reason,
    );
  const found = after.filter(isTrouble).filter(isNew);
  // Ready and Stalled tell of the same impediment: one event is enough.
  return found.filter(
    (condition, at) => !found.slice(0, at).some(({ reason }) => reason === condition.reason),
  );
}

/** The application, or its Secret where the application is gone. */
function referenceOf({ application, home }: Gathered): EventReference | undefined {
  const object = application ?? home?.secret;
  if (object === undefined) return undefined;
  const { namespace, name, uid } = object.metadata;
  return application === undefined
    ? { apiVersion: 'v1', kind: 'Secret', namespace, name, uid }
    : { apiVersion: API_VERSION, kind: KIND, namespace, name, uid };
}
