import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Change, type Feed, keyOf, Store } from '../../src/kubernetes/store.ts';
import { type ConfigMap, configMap } from './objects.ts';

/** One entry of the history that a watch delivers in order. */
interface Entry {
  key: string;
  object: ConfigMap;
  deleted: boolean;
  own: boolean;
}

/** A write, deletion or list that the store has started and the scenario has not answered yet. */
interface Open {
  key: string;
  /** Makes it happen, once: what came before the answer may come after the fact. */
  commit(): void;
  /** Answers it; `lost`: it fails although it happened, if it did. */
  answer(lost: boolean): void;
}

type Action =
  | { do: 'write' | 'remove' | 'foreign write' | 'foreign delete'; name: string }
  | { do: 'commit' | 'answer' | 'lose'; which: number }
  | { do: 'deliver' | 'relist' };

const name = fc.constantFrom('a', 'b');
const which = fc.nat(5);
const action: fc.Arbitrary<Action> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constantFrom('write', 'write', 'remove'), name }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constantFrom('commit', 'answer', 'lose'), which }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constantFrom('commit', 'answer'), which }) },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constantFrom('foreign write', 'foreign delete'), name }),
  },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('deliver') }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('relist') }) },
);

/**
 * The history of a few objects, a watch that delivers it late, and a store. Checks after every
 * step that the store never goes back, and shows at least what our own writes answered.
 */
class Scenario {
  readonly #errors: unknown[] = [];
  readonly store = new Store<ConfigMap>({ onError: (error) => this.#errors.push(error) });
  readonly #feed: Feed<ConfigMap> = this.store.feed();
  readonly #log: Entry[] = [];
  readonly #truth = new Map<string, ConfigMap>();
  readonly #open: Open[] = [];
  /** What subscribers know. */
  readonly #view = new Map<string, ConfigMap>();
  /** The place in the history that each key was last shown at. */
  readonly #shown = new Map<string, number>();
  #position = 0;
  #relisting = false;

  constructor() {
    this.store.subscribe((change) => this.#hear(change));
  }

  async run(actions: readonly Action[]): Promise<void> {
    await this.#feed.list(async () => ({ objects: [], unreadable: [] }));
    for (const step of actions) {
      this.#act(step);
      await this.#settle();
    }
    for (let rounds = 0; this.#open.length > 0 || this.#relisting; rounds += 1) {
      expect(rounds).toBeLessThan(500);
      this.#open[0]?.answer(false);
      await this.#settle();
    }
    while (this.#position < this.#log.length) {
      this.#deliver();
      await this.#settle();
    }
    const shown = Object.fromEntries([...this.store.values()].map((o) => [keyOf(o), o]));
    expect(shown).toEqual(Object.fromEntries(this.#truth));
    expect(Object.fromEntries(this.#view)).toEqual(shown);
  }

  #act(step: Action): void {
    if (step.do === 'write') this.#write(`ns/${step.name}`);
    else if (step.do === 'remove') this.#remove(`ns/${step.name}`);
    else if (step.do === 'foreign write') this.#put(`ns/${step.name}`, false);
    else if (step.do === 'foreign delete') this.#delete(`ns/${step.name}`, false);
    else if (step.do === 'deliver') this.#deliver();
    else if (step.do === 'relist') this.#relist();
    else if ('which' in step && this.#open.length > 0) {
      const open = this.#open[step.which % this.#open.length];
      if (step.do === 'commit') open?.commit();
      else open?.answer(step.do === 'lose');
    }
  }

  #put(key: string, own: boolean): ConfigMap {
    const before = this.#truth.get(key);
    const uid = before?.metadata.uid ?? `uid-${this.#log.length}`;
    const object = configMap(key.slice('ns/'.length), String(this.#log.length + 1), { uid });
    this.#truth.set(key, object);
    this.#log.push({ key, object, deleted: false, own });
    return object;
  }

  #delete(key: string, own: boolean): void {
    const before = this.#truth.get(key);
    if (before === undefined) return;
    this.#truth.delete(key);
    const resourceVersion = String(this.#log.length + 1);
    const object = { ...before, metadata: { ...before.metadata, resourceVersion } };
    this.#log.push({ key, object, deleted: true, own });
  }

  #write(key: string): void {
    const written = this.store.write(key, () => this.#opened(key, () => this.#put(key, true)));
    written
      .then(
        (object) => this.#expectAtLeast(key, Number(object.metadata.resourceVersion)),
        () => {},
      )
      .catch((error) => this.#errors.push(error));
  }

  #remove(key: string): void {
    const removed = this.store.remove(key, () => {
      const uid = this.store.get(key)?.metadata.uid;
      return this.#opened(key, () => {
        if (uid === undefined || this.#truth.get(key)?.metadata.uid !== uid) {
          throw new Error('the precondition does not hold');
        }
        this.#delete(key, true);
      });
    });
    removed.catch(() => {});
  }

  #opened<R>(key: string, happen: () => R): Promise<R> {
    const { promise, resolve, reject } = Promise.withResolvers<R>();
    let outcome: (() => void) | undefined;
    const open: Open = {
      key,
      commit: () => {
        if (outcome !== undefined) return;
        try {
          const result = happen();
          outcome = () => resolve(result);
        } catch (error) {
          outcome = () => reject(error);
        }
      },
      answer: (lost) => {
        this.#open.splice(this.#open.indexOf(open), 1);
        if (lost) {
          reject(new Error('no answer'));
          return;
        }
        open.commit();
        outcome?.();
      },
    };
    this.#open.push(open);
    return promise;
  }

  #relist(): void {
    if (this.#relisting) return;
    this.#relisting = true;
    let position = 0;
    const listed = this.#feed.list(async () => {
      // Nothing is delivered meanwhile, and the watch starts again where the list was taken.
      const objects = await this.#opened('list', () => {
        position = this.#log.length;
        return [...this.#truth.values()];
      });
      return { objects, unreadable: [] };
    });
    void listed
      .then(
        () => {
          this.#position = position;
        },
        () => {},
      )
      .finally(() => {
        this.#relisting = false;
      });
  }

  #deliver(): void {
    const entry = this.#log[this.#position];
    if (entry === undefined || this.#relisting) return;
    this.#position += 1;
    if (entry.deleted) {
      this.#feed.observeDeletion(entry.key, entry.object.metadata.uid, entry.object);
    } else {
      this.#feed.observe(entry.object);
    }
  }

  async #settle(): Promise<void> {
    await new Promise(setImmediate);
    expect(this.#errors).toEqual([]);
    for (const key of ['ns/a', 'ns/b']) {
      const place = this.#placeOf(key);
      expect(place).toBeGreaterThanOrEqual(this.#shown.get(key) ?? 0);
      this.#shown.set(key, place);
    }
  }

  /** Where in the history the store is; absence may be any deletion not before what was shown. */
  #placeOf(key: string): number {
    const object = this.store.get(key);
    if (object !== undefined) return Number(object.metadata.resourceVersion);
    const since = this.#shown.get(key) ?? 0;
    if (since === 0) return 0;
    const last = this.#log[since - 1];
    if (last?.deleted === true) return since;
    const deletion = this.#log.findIndex(
      (entry, i) => i >= since && entry.key === key && entry.deleted,
    );
    return deletion + 1;
  }

  #expectAtLeast(key: string, place: number): void {
    const object = this.store.get(key);
    if (object !== undefined) {
      expect(Number(object.metadata.resourceVersion)).toBeGreaterThanOrEqual(place);
    } else {
      expect(this.#log.some((e, i) => i >= place && e.key === key && e.deleted)).toBe(true);
    }
  }

  #hear({ type, object, previous, own }: Change<ConfigMap>): void {
    const key = keyOf(object);
    const known = this.#view.get(key);
    expect(previous).toBe(known);
    expect(type === 'added').toBe(known === undefined);
    if (type === 'deleted') this.#view.delete(key);
    else this.#view.set(key, object);
    if (!own) return;
    // Nothing of anybody else may hide behind a change that is told as our own.
    const from = Number(previous?.metadata.resourceVersion ?? 0);
    const to = Number(object.metadata.resourceVersion);
    const between = this.#log.slice(from, to).filter((entry) => entry.key === key);
    if (type === 'modified') expect(between.filter((entry) => !entry.own)).toEqual([]);
    // A deletion that is only seen from its successor is told with the last state known.
    expect(between.at(-1)?.own ?? type === 'deleted').toBe(true);
  }
}

test('whatever the order of answers, events and lists, the store ends at the newest version and never goes back', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(action, { maxLength: 40 }), (actions) => new Scenario().run(actions)),
    { numRuns: 2000 },
  );
});
