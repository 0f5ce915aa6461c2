import type { KubernetesObject } from './resource.ts';

/** What a watch event or a list says of one key; `object` is undefined where it is gone. */
export interface Observation<T> {
  object: T | undefined;
  uid: string | undefined;
  version: string | undefined;
  /** The last state of an object that is gone. */
  final?: T | undefined;
}

/** A change of one key: the subscribers know `before`. */
export interface Step<T> {
  before: T | undefined;
  observation: Observation<T>;
  own: boolean;
}

/** One key's place in the cache. */
export interface Slot<T> {
  get(): T | undefined;
  /** Changes the cache without telling anybody. */
  set(object: T | undefined): void;
  /** Changes the cache and tells the subscribers. */
  take(step: Step<T>): void;
}

export function observationOf<T extends KubernetesObject>(object: T): Observation<T> {
  const { uid, resourceVersion } = object.metadata;
  return { object, uid, version: resourceVersion };
}

/**
 * One key that this process writes. While a write is under way, events are held back, so that
 * its echo is known for what it is. After the answer the cache is ahead of the watch, and what
 * the watch delivers is older until the answer's own version, or the object's deletion, is seen.
 */
export class OwnWrites<T extends KubernetesObject> {
  readonly #slot: Slot<T>;
  #pending = 0;
  #turn: Promise<void> = Promise.resolve();
  #held: Observation<T>[] | undefined;
  #awaited: Observation<T> | undefined;
  /** What the subscribers know while the cache is ahead. */
  #told: T | undefined;
  /** Versions that our writes made, and UIDs that our deletions ended, not yet seen. */
  readonly #own = new Set<string>();
  #foreignSkipped = false;

  constructor(slot: Slot<T>) {
    this.#slot = slot;
  }

  /** True once nothing is under way and the watch has caught up. */
  get idle(): boolean {
    return this.#pending === 0 && this.#awaited === undefined;
  }

  /** Runs the writes of this key one after the other: the order of answers is then theirs. */
  async inTurn<R>(run: () => Promise<R>): Promise<R> {
    const before = this.#turn;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#turn = promise;
    this.#pending += 1;
    try {
      await before;
      return await run();
    } finally {
      this.#pending -= 1;
      resolve();
    }
  }

  begin(): void {
    this.#held = [];
  }

  /**
   * Ends a write: releases what was held back, then puts the answer, if there is one and the
   * watch has not overtaken it, into the cache. What was only read is not `own`.
   */
  end(answer: Observation<T> | undefined, own = true): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    const mark = answer === undefined ? undefined : markOf(answer);
    if (mark !== undefined && own) this.#own.add(mark);
    for (const observation of held) this.observe(observation);
    if (answer === undefined || mark === undefined) return;
    const current = this.#slot.get();
    if (held.some((seen) => catchesUp(seen, answer)) || isAt(answer, current)) return;
    if (this.#awaited === undefined) {
      this.#told = current;
      this.#foreignSkipped = false;
    }
    this.#awaited = answer;
    this.#slot.set(answer.object);
  }

  /** Takes an event, or holds it back. */
  observe(observation: Observation<T>): void {
    if (this.#held !== undefined) {
      this.#held.push(observation);
      return;
    }
    const own = this.#isOwn(observation);
    if (this.#awaited === undefined) {
      this.#slot.take({ before: this.#slot.get(), observation, own });
    } else if (catchesUp(observation, this.#awaited)) {
      this.#awaited = undefined;
      this.#slot.take({ before: this.#told, observation, own: own && !this.#foreignSkipped });
    } else if (!own) {
      this.#foreignSkipped = true;
    }
  }

  /**
   * Takes what a list says; every list is newer than the answers before it. It is not told as
   * our own: what others did in between is not to be seen in it.
   */
  relist(observation: Observation<T>): Step<T> {
    const before = this.#awaited === undefined ? this.#slot.get() : this.#told;
    this.#awaited = undefined;
    return { before, observation, own: false };
  }

  #isOwn(observation: Observation<T>): boolean {
    const mark = markOf(observation);
    return mark !== undefined && this.#own.delete(mark);
  }
}

/** What identifies a state: the version, or of a deletion the UID that it ended. */
function markOf(observation: Observation<unknown>): string | undefined {
  return observation.object === undefined ? observation.uid : observation.version;
}

/** True if `seen` is the awaited answer itself or certainly newer. */
function catchesUp<T extends KubernetesObject>(
  seen: Observation<T>,
  awaited: Observation<T>,
): boolean {
  if (seen.object === undefined) return seen.uid === awaited.uid;
  if (awaited.object !== undefined) return seen.version === awaited.version;
  // We deleted it, and a finalizer that we did not know of keeps it.
  return seen.uid === awaited.uid && seen.object.metadata.deletionTimestamp !== undefined;
}

function isAt<T extends KubernetesObject>(
  { object, uid, version }: Observation<T>,
  current: T | undefined,
): boolean {
  if (object === undefined || current === undefined) return object === current;
  return version === current.metadata.resourceVersion && uid === current.metadata.uid;
}
