import type { ObjectRef } from '../../src/kubernetes/resource.ts';
import { type Change, keyOf } from '../../src/kubernetes/store.ts';
import type { Course } from './course.ts';
import type { ObservedApplication, ObservedSecret } from './observed.ts';
import type { Observer } from './observer.ts';

/** What an application and its Secret have to become. */
export interface Target {
  readonly secret: (secret: ObservedSecret) => boolean;
  readonly status: (application: ObservedApplication) => boolean;
}

type Entry = { readonly target: Target } & { -readonly [at in keyof Course]?: Course[at] };

const CHECK_MS = 250;
const DEFAULT_STALL_MS = 60_000;

/** Notes for each of some applications when it was changed, and when its Secret and status followed. */
export class Tracker {
  readonly #entries: ReadonlyMap<string, Entry>;
  readonly #unsubscribe: readonly (() => void)[];
  readonly #done = Promise.withResolvers<void>();
  /** What is still to be seen: a Secret and a status of each application. */
  #remaining: number;

  constructor(
    observer: Observer,
    refs: readonly ObjectRef[],
    targetOf: (ref: ObjectRef) => Target,
  ) {
    this.#entries = new Map(refs.map((ref) => [keyOf(ref), { target: targetOf(ref) }]));
    this.#remaining = 2 * this.#entries.size;
    this.#unsubscribe = [
      observer.secrets.subscribe((change) => this.#seeSecret(change)),
      observer.applications.subscribe((change) => this.#seeApplication(change)),
    ];
  }

  /** Runs the write that asks for the change. */
  async change(ref: ObjectRef, write: () => Promise<unknown>): Promise<void> {
    const entry = this.#entry(ref);
    entry.sentAt = performance.now();
    await write();
    entry.answeredAt = performance.now();
  }

  /**
   * Resolves once all is seen. Rejects if nothing more is seen for `stallMs` (default 1 minute), or
   * with what `check` throws, which is called four times a second.
   */
  async completed(check: () => void, stallMs = DEFAULT_STALL_MS): Promise<void> {
    let remaining = this.#remaining;
    let progressAt = performance.now();
    const checking = setInterval(() => {
      try {
        check();
        if (this.#remaining < remaining) {
          remaining = this.#remaining;
          progressAt = performance.now();
        } else if (performance.now() - progressAt > stallMs) {
          throw new Error(`nothing happened for ${stallMs} ms; ${this.#missing()}`);
        }
      } catch (error) {
        this.#done.reject(error);
      }
    }, CHECK_MS);
    try {
      await this.#done.promise;
    } finally {
      clearInterval(checking);
      for (const unsubscribe of this.#unsubscribe) unsubscribe();
    }
  }

  /** When Secret and status were seen to be as wanted, by performance.now(). */
  seenAt(ref: ObjectRef): Pick<Course, 'secretAt' | 'statusAt'> {
    const { secretAt, statusAt } = this.#entry(ref);
    if (secretAt === undefined || statusAt === undefined) {
      throw new Error(`${keyOf(ref)} is not as wanted yet`);
    }
    return { secretAt, statusAt };
  }

  /** The courses of all applications; each must have been changed and seen. */
  courses(): Course[] {
    return [...this.#entries].map(([key, { sentAt, answeredAt, secretAt, statusAt }]) => {
      if (
        sentAt === undefined ||
        answeredAt === undefined ||
        secretAt === undefined ||
        statusAt === undefined
      ) {
        throw new Error(`${key} was not changed and seen`);
      }
      return { sentAt, answeredAt, secretAt, statusAt };
    });
  }

  #seeSecret({ type, object }: Change<ObservedSecret>): void {
    const entry = this.#entries.get(keyOf(object));
    if (entry === undefined || entry.secretAt !== undefined) return;
    if (type === 'deleted' || !entry.target.secret(object)) return;
    entry.secretAt = performance.now();
    this.#seen();
  }

  #seeApplication({ type, object }: Change<ObservedApplication>): void {
    const entry = this.#entries.get(keyOf(object));
    if (entry === undefined || entry.statusAt !== undefined) return;
    if (type === 'deleted' || !entry.target.status(object)) return;
    entry.statusAt = performance.now();
    this.#seen();
  }

  #seen(): void {
    this.#remaining -= 1;
    if (this.#remaining === 0) this.#done.resolve();
  }

  #missing(): string {
    const missing = [...this.#entries].filter(
      ([, { secretAt, statusAt }]) => secretAt === undefined || statusAt === undefined,
    );
    const [first] = missing;
    const what = first?.[1].secretAt === undefined ? 'Secret' : 'status';
    return `${missing.length} applications have not changed as wanted, above all the ${what} of ${first?.[0]}`;
  }

  #entry(ref: ObjectRef): Entry {
    const entry = this.#entries.get(keyOf(ref));
    if (entry === undefined) throw new Error(`${keyOf(ref)} is not tracked`);
    return entry;
  }
}
