import { Random } from '../random.ts';
import { type Action, NAMES, NAMESPACES, type Round, type Target } from './actions.ts';
import { PlannedSpec } from './specs.ts';
import { clockAction, faultAction, replicaAction } from './surroundings.ts';

/** What the plan knows of one application. */
interface Planned {
  readonly target: Target;
  spec: PlannedSpec;
  exists: boolean;
  /** What keeps its Secret from being worked on, until it is cured. */
  trouble: 'frozen' | 'malformed' | undefined;
}

const FOCUS = 4;

/** Makes up what happens, from nothing but the seed: what becomes of it is not looked at. */
export class Planner {
  readonly #random: Random;
  readonly #planned: readonly Planned[];
  /** Foreign Secrets that may be there. */
  readonly #occupied = new Map<string, Action>();
  #rounds = 0;
  /** What a round is about: the more happens to one application, the deeper its states. */
  #focus: readonly Planned[] = [];

  constructor(seed: number) {
    this.#random = new Random(seed);
    this.#planned = Array.from({ length: NAMESPACES }, (_, namespace) =>
      NAMES.map((name) => ({
        target: { namespace, name },
        spec: new PlannedSpec(name),
        exists: false,
        trouble: undefined,
      })),
    ).flat();
  }

  nextRound(): Round {
    const random = this.#random;
    this.#rounds += 1;
    this.#focus = Array.from({ length: FOCUS }, () => random.pick(this.#planned));
    const first = this.#rounds === 1 ? this.#planned.map((planned) => this.#create(planned)) : [];
    const others = Array.from({ length: random.between(14, 30) }, () => this.#action());
    return {
      actions: [...first, ...others].map((action) => ({
        action,
        pauseMs: random.chance(0.4) ? 0 : random.between(10, 400),
      })),
      patient: random.chance(0.15),
    };
  }

  #action(): Action {
    const random = this.#random;
    return random.weighted<() => Action>([
      [42, () => this.#ofApplication(this.#pick())],
      [22, () => this.#ofSecret(this.#pick())],
      [6, () => this.#ofForeignSecret()],
      [11, () => clockAction(random)],
      [8, () => replicaAction(random)],
      [13, () => faultAction(random)],
    ])();
  }

  #pick(): Planned {
    return this.#random.pick(this.#random.chance(0.8) ? this.#focus : this.#planned);
  }

  #ofApplication(planned: Planned): Action {
    const random = this.#random;
    const { target } = planned;
    if (!planned.exists) return this.#create(planned);
    return random.weighted<() => Action>([
      [18, () => ({ kind: 'edit', target, spec: planned.spec.edit(random) })],
      [2, () => ({ kind: 'clear status', target })],
      [3, () => this.#delete(planned)],
    ])();
  }

  #create(planned: Planned): Action {
    planned.exists = true;
    planned.spec = new PlannedSpec(planned.target.name);
    return {
      kind: 'create',
      target: planned.target,
      spec: planned.spec.initial(this.#random),
    };
  }

  #delete(planned: Planned): Action {
    planned.exists = false;
    return { kind: 'delete', target: planned.target };
  }

  #ofSecret(planned: Planned): Action {
    const random = this.#random;
    const { target, trouble } = planned;
    if (trouble !== undefined && random.chance(0.7)) {
      planned.trouble = undefined;
      const curable = trouble === 'malformed' && random.chance(0.7);
      return { kind: curable ? 'repair' : 'delete Secret', target };
    }
    const puts = ['new', 'former', 'former', 'empty', 'absent'] as const;
    return random.weighted<() => Action>([
      [8, () => ({ kind: 'put current', target, put: random.pick(puts) })],
      [6, () => ({ kind: 'put previous', target, put: random.pick(puts) })],
      [3, () => ({ kind: 'delete Secret', target })],
      [1, () => ({ kind: 'add data', target })],
      [2, () => ({ kind: 'strip labels', target })],
      [3, () => this.#usurp(planned)],
      [2, () => this.#freeze(planned)],
      [1, () => this.#malform(planned)],
    ])();
  }

  #usurp({ target }: Planned): Action {
    this.#occupied.set(`${target.namespace}/${target.name}`, {
      kind: 'vacate',
      target,
      name: target.name,
    });
    return { kind: 'usurp', target, offered: this.#random.chance(0.4) };
  }

  #freeze(planned: Planned): Action {
    planned.trouble = 'frozen';
    return { kind: 'freeze Secret', target: planned.target };
  }

  #malform(planned: Planned): Action {
    planned.trouble = 'malformed';
    const annotation = this.#random.pick(['issued-at', 'secret-version', 'state']);
    return { kind: 'malform', target: planned.target, annotation };
  }

  #ofForeignSecret(): Action {
    const random = this.#random;
    const { target } = this.#pick();
    const name = random.pick(['common', `${target.name}.moved`, target.name]);
    const key = `${target.namespace}/${name}`;
    const vacate = this.#occupied.get(key);
    if (vacate !== undefined && random.chance(0.8)) {
      this.#occupied.delete(key);
      return vacate;
    }
    this.#occupied.set(key, { kind: 'vacate', target, name });
    return { kind: 'occupy', target, name, offered: random.chance(0.5) };
  }
}
