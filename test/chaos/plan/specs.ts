import type { Random } from '../random.ts';
import type { PlannedTime, SpecEdit } from './actions.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

const RETENTIONS: Readonly<Record<string, number>> = {
  '0s': 0,
  '1m': MINUTE,
  '5m': 5 * MINUTE,
  '1h30m': 90 * MINUTE,
  '24h': 24 * HOUR,
};
const INTERVALS: Readonly<Record<string, number>> = {
  '10m': 10 * MINUTE,
  '45m': 45 * MINUTE,
  '2h': 2 * HOUR,
};

/** What the plan knows of an application's spec: as much as admission asks for. */
export class PlannedSpec {
  #every: string | null = null;
  #retainPreviousFor = '24h';
  #revokePreviousSecret = false;
  readonly #name: string;

  constructor(name: string) {
    this.#name = name;
  }

  /** An edit that admission lets pass. */
  edit(random: Random): SpecEdit {
    const edit = random.weighted<() => SpecEdit>([
      [26, () => this.#rotateAfter(random)],
      [5, () => ({ every: random.pick([null, ...Object.keys(INTERVALS)]) })],
      [6, () => ({ retainPreviousFor: random.pick(['1m', ...Object.keys(RETENTIONS)]) })],
      [8, () => ({ revokePreviousSecret: random.chance(0.5) })],
      [6, () => ({ revokeRetiredBefore: boundary(random, 'retired') })],
      [7, () => ({ revokeIssuedBefore: boundary(random, 'issued') })],
      [6, () => ({ suspend: random.chance(0.5) })],
      [3, () => ({ deletionPolicy: random.pick(['Retain', 'Delete'] as const) })],
      [5, () => ({ secretName: random.pick([null, `${this.#name}.moved`, 'common']) })],
      [4, () => ({ keys: random.pick(['default', 'renamed'] as const) })],
      [3, () => ({ labels: mark(random), annotations: mark(random) })],
    ])();
    return this.#admissible(edit);
  }

  /** Several edits in one. */
  initial(random: Random): SpecEdit {
    let spec = random.chance(0.4) ? this.#admissible({ rotateAfter: { from: 'now', ms: 0 } }) : {};
    while (random.chance(0.5)) spec = { ...spec, ...this.edit(random) };
    return spec;
  }

  #rotateAfter(random: Random): SpecEdit {
    const rotateAfter = random.weighted<PlannedTime | null>([
      [12, { from: 'now', ms: 0 }],
      [1, { from: 'now', ms: -HOUR }],
      [2, { from: 'now', ms: random.between(30, 90) * SECOND }],
      [1, { from: 'now', ms: 20 * MINUTE }],
      [1, { from: 'issued', ms: 0 }],
      [1, { from: 'issued', ms: 1 }],
      [1, null],
    ]);
    return { rotateAfter };
  }

  /** Adds what keeps `every` longer than the retention, and `rotateAfter` out of a contradiction. */
  #admissible(edit: SpecEdit): SpecEdit {
    if (edit.every !== undefined) this.#every = edit.every;
    this.#retainPreviousFor = edit.retainPreviousFor ?? this.#retainPreviousFor;
    this.#revokePreviousSecret = edit.revokePreviousSecret ?? this.#revokePreviousSecret;
    let admissible = edit;
    const interval = INTERVALS[this.#every ?? ''];
    if (interval !== undefined && interval <= (RETENTIONS[this.#retainPreviousFor] ?? 0)) {
      this.#retainPreviousFor = '1m';
      admissible = { ...admissible, retainPreviousFor: '1m' };
    }
    if (edit.rotateAfter && this.#revokePreviousSecret && this.#retainPreviousFor !== '0s') {
      this.#revokePreviousSecret = false;
      admissible = { ...admissible, revokePreviousSecret: false };
    }
    return admissible;
  }
}

/** At a moment, or a little after it, as the last that is not and the first that is reached. */
function boundary(random: Random, from: 'issued' | 'retired'): PlannedTime | null {
  return random.weighted<PlannedTime | null>([
    [4, { from: 'now', ms: 0 }],
    [1, { from: 'now', ms: -10 * MINUTE }],
    [2, { from, ms: 0 }],
    [2, { from, ms: 1 }],
    [2, { from: 'now', ms: 2 * MINUTE }],
    [3, { from: 'now', ms: 10 * MINUTE }],
    [1, null],
  ]);
}

function mark(random: Random): Record<string, string | null> {
  const key = random.pick(['team', 'tier']);
  return { [key]: random.pick([null, 'red', 'blue']) };
}
