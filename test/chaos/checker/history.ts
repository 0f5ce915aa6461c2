import { APPLICATION, claimantOf, isOwnedBy } from './backing-secret.ts';
import { Courses } from './courses.ts';
import {
  type Home,
  isCopy,
  isOriginOf,
  judgeEstablishment,
  judgeRemoval,
  type Others,
} from './establishment.ts';
import type { BoundaryField, Lineage } from './lineage.ts';
import {
  type ApplicationState,
  keyOf,
  type Moment,
  type SecretState,
  type Token,
} from './observed.ts';
import { recordOf } from './record.ts';
import { judgeReport } from './report.ts';
import type { Scene } from './scene.ts';
import { judgeUpdate } from './secret-update.ts';
import type { Millis } from './times.ts';

export interface Violation {
  /** What it is about: a kind, a namespace and a name. */
  readonly object: string;
  readonly revision?: bigint;
  readonly complaint: string;
}

interface Tracked {
  readonly state: SecretState;
  readonly at: Millis;
  /** Undefined where the Secret is nobody's. */
  readonly lineage: Lineage | undefined;
  /** As the operator left it, and as others changed it since. */
  readonly origins: readonly SecretState[];
}

/** Judges every write of the operator by what the API server stored before it. */
export class History {
  readonly #secrets = new Map<string, Tracked>();
  /** What somebody deleted since everything was quiet last. */
  #lost: Home[] = [];
  readonly #courses = new Courses();
  readonly #seen = new Set<Token>();
  #settledAt: Millis = 0;

  /** The moments must come in the order of their revisions. */
  take(moment: Moment): Violation[] {
    const complaints =
      moment.kind === 'application' ? this.#takeApplication(moment) : this.#takeSecret(moment);
    const object = `${moment.kind} ${keyOf(moment.state)}`;
    return complaints.map((complaint) => ({ object, revision: moment.revision, complaint }));
  }

  /** Forgets how things were before: from now on the operator knows what is. */
  settle(at: Millis): void {
    this.#settledAt = at;
    this.#lost = [];
    this.#courses.settle();
    for (const [key, tracked] of this.#secrets) {
      this.#secrets.set(key, { ...tracked, origins: [tracked.state] });
    }
  }

  applications(): ApplicationState[] {
    return this.#courses.present();
  }

  secrets(): SecretState[] {
    return [...this.#secrets.values()].map(({ state }) => state);
  }

  secret(key: string): SecretState | undefined {
    return this.#secrets.get(key)?.state;
  }

  /** How an application was since everything was quiet last. */
  statesOf(key: string): readonly (ApplicationState | undefined)[] {
    return this.#courses.statesOf(key);
  }

  /** When a boundary of spec was last edited. */
  editedAt(key: string, field: BoundaryField): Millis {
    return this.#courses.editedAt(key, field);
  }

  /** The Secrets of an application, also of one that is gone. */
  homesOf(namespace: string, name: string): Home[] {
    const application = this.#courses.stateOf(keyOf({ namespace, name }));
    return [...this.#secrets.values()].flatMap(({ state, lineage, origins }) => {
      if (state.namespace !== namespace || state.deleting || lineage === undefined) return [];
      const owned =
        application === undefined
          ? claimantOf(state)?.name === name
          : isOwnedBy(state, application);
      return owned ? [{ secret: state, lineage, origins }] : [];
    });
  }

  #takeApplication(moment: Extract<Moment, { kind: 'application' }>): string[] {
    const before = this.#courses.take(moment);
    const { state, gone, by, contested } = moment;
    if (gone || by === 'user' || contested) return [];
    return judgeReport(before, state, this.homesOf(state.namespace, state.name));
  }

  #takeSecret(moment: Extract<Moment, { kind: 'secret' }>): string[] {
    const { state, gone, by, at } = moment;
    const key = keyOf(state);
    const tracked = this.#secrets.get(key);
    const before = tracked?.state.uid === state.uid ? tracked : undefined;
    let lineage = before?.lineage;
    let complaints: readonly string[] = [];
    if (by === 'operator') {
      ({ lineage, complaints } = this.#judge(moment, before));
    }
    for (const token of Object.values(state.data)) this.#seen.add(token);
    if (gone) {
      this.#secrets.delete(key);
      if (by === 'user' && before?.lineage !== undefined) {
        this.#lost.push({ secret: state, lineage: before.lineage, origins: before.origins });
      }
    } else {
      const earlier = by === 'operator' ? [] : (before?.origins ?? []);
      this.#secrets.set(key, { state, at, lineage, origins: [...earlier, state] });
    }
    return [...complaints];
  }

  #judge(
    { state, gone, at }: Extract<Moment, { kind: 'secret' }>,
    before: Tracked | undefined,
  ): { lineage: Lineage | undefined; complaints: readonly string[] } {
    const name = (claimantOf(state) ?? (before && claimantOf(before.state)))?.name;
    if (name === undefined) return { lineage: undefined, complaints: ['it was nobody’s Secret'] };
    const { namespace } = state;
    const states = this.#courses.statesOf(keyOf({ namespace, name }));
    const from = before?.at ?? this.#settledAt;
    const scene: Omit<Scene, 'lineage'> = { states, span: { from, to: at } };
    const others: Others = {
      homes: this.homesOf(namespace, name).filter(({ secret }) => secret.name !== state.name),
      lost: this.#lost.filter(
        ({ secret }) => secret.namespace === namespace && claimantOf(secret)?.name === name,
      ),
    };
    const isFresh = (token: Token) => !this.#seen.has(token);

    if (before?.lineage === undefined) {
      if (gone) return { lineage: undefined, complaints: ['somebody else’s Secret was deleted'] };
      return judgeEstablishment(scene, before?.state, state, others, isFresh);
    }
    const home: Home = { secret: before.state, lineage: before.lineage, origins: before.origins };
    if (gone || !(APPLICATION in state.annotations)) {
      const complaints = judgeRemoval(scene, home, gone ? undefined : state, others.homes);
      return { lineage: undefined, complaints };
    }
    const moved = [...others.homes, ...others.lost].find((each) => isOriginOf(each, state));
    if (moved !== undefined && !isCopy(before.state, state)) {
      return judgeEstablishment(scene, before.state, state, others, isFresh);
    }
    const complaints = judgeUpdate(
      { ...scene, lineage: home.lineage },
      before.state,
      state,
      isFresh,
    );
    return { lineage: recordOf(state) === undefined ? undefined : home.lineage, complaints };
  }
}
