import fc from 'fast-check';
import type { ApplicationSpec } from '../../../src/api/application.ts';
import type { Millis, SecretRecord } from '../../../src/rotation/record.ts';
import { AHEAD, DAY, HOUR, MINUTE, NOW, SECOND } from '../fixtures.ts';
import {
  ANCHORS,
  type Edit,
  type Forgery,
  type Moment,
  type Move,
  type ProviderMove,
} from './moves.ts';
import type { Loss } from './provider.ts';

/** A move, and how far the operator comes before the next: that many writes, or all the way. */
export interface Turn {
  readonly move: Move;
  readonly writes: number | 'all';
}

/** Where a history begins, and what happens then. */
export interface History {
  readonly spec: Partial<ApplicationSpec>;
  /** Whether an identity provider is the authority. */
  readonly provided: boolean;
  /** What the annotations of a Secret that is there already say. */
  readonly record: SecretRecord | undefined;
  /** Otherwise, whether a Secret is offered for adoption. */
  readonly offered: boolean;
  readonly turns: readonly Turn[];
}

const around: fc.Arbitrary<Millis> = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(-1, 0, 1) },
  { weight: 2, arbitrary: fc.constantFrom(-AHEAD, AHEAD - 1, AHEAD, AHEAD + 1, 2 * MINUTE) },
  { weight: 2, arbitrary: fc.integer({ min: -10 * MINUTE, max: 10 * MINUTE }) },
  { weight: 2, arbitrary: fc.constantFrom(-30 * DAY, -DAY, -HOUR, HOUR, DAY, 30 * DAY) },
);
const distant = fc.oneof(
  { weight: 8, arbitrary: around },
  { weight: 1, arbitrary: fc.constant(90 * DAY) },
);
const moment: fc.Arbitrary<Moment> = fc.oneof(
  fc.record({ anchor: fc.constant('now' as const), offset: fc.constantFrom(0, -1, AHEAD, HOUR) }),
  fc.record({ anchor: fc.constantFrom(...ANCHORS), offset: around }),
);
const time: fc.Arbitrary<Edit> = fc.record({
  field: fc.constantFrom(
    'rotateAfter' as const,
    'rotateAfter' as const,
    'revokeRetiredBefore' as const,
    'revokeIssuedBefore' as const,
  ),
  to: fc.option(moment, { nil: undefined, freq: 6 }),
  respelt: fc.boolean(),
});

const secretName = fc.constantFrom('web', 'web-oidc', 'web-2');
const rotation = fc.record(
  {
    every: fc.constantFrom(undefined, 10 * MINUTE, HOUR, DAY, 30 * DAY, 365 * DAY),
    retainPreviousFor: fc.constantFrom(0, MINUTE, HOUR, DAY, 30 * DAY),
  },
  { requiredKeys: [] },
);
const anythingElse: fc.Arbitrary<Partial<ApplicationSpec>> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ revokePreviousSecret: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ suspend: fc.constantFrom(true, false, false) }) },
  { weight: 2, arbitrary: fc.record({ secretName }) },
  { weight: 1, arbitrary: fc.record({ labels: fc.constantFrom({}, { app: 'web' }) }) },
  {
    weight: 1,
    arbitrary: fc.record({ deletionPolicy: fc.constantFrom('Retain' as const, 'Delete' as const) }),
  },
);
const clockStep = fc.oneof(
  fc.integer({ min: -20 * SECOND, max: 20 * SECOND }),
  fc.integer({ min: -10 * MINUTE, max: 10 * MINUTE }),
  fc.constantFrom(-AHEAD - 1, -AHEAD, -2 * DAY, -6 * HOUR, -HOUR, HOUR, 6 * HOUR, 2 * DAY),
);
const forgery: fc.Arbitrary<Forgery> = fc.oneof(
  fc.constantFrom('nothing' as const, 'new' as const),
  fc.nat({ max: 3 }),
);
const more = fc.constantFrom(true, true, false);

/** What an earlier operator, or somebody who edits annotations, may have left. */
const record: fc.Arbitrary<SecretRecord> = fc
  .record({
    issuedAt: around,
    previous: fc.option(fc.record({ issuedAt: around, retiredAt: around, expiresAt: distant }), {
      nil: undefined,
    }),
    restorations: fc.option(fc.record({ count: fc.nat({ max: 3 }), lastAt: around }), {
      nil: undefined,
      freq: 2,
    }),
  })
  .map(({ issuedAt, previous, restorations }) => ({
    current: { version: 2, issuedAt: NOW + issuedAt },
    previous: previous && {
      version: 1,
      issuedAt: NOW + previous.issuedAt,
      retiredAt: NOW + previous.retiredAt,
      expiresAt: NOW + previous.expiresAt,
    },
    lastRevocation: undefined,
    refused: {},
    restorations: restorations && {
      count: restorations.count,
      lastAt: NOW + restorations.lastAt,
      by: undefined,
    },
    intent: undefined,
  }));

interface Circumstances {
  readonly spec?: fc.Arbitrary<Partial<ApplicationSpec>>;
  readonly record?: fc.Arbitrary<SecretRecord | undefined>;
  readonly provided?: boolean;
  readonly moves: readonly Weighted[];
  /** How often the operator comes all the way, to once that it does not. */
  readonly settling?: number;
}

interface Weighted {
  readonly weight: number;
  readonly arbitrary: fc.Arbitrary<Move>;
}

function historyOf(circumstances: Circumstances) {
  const { spec, record: found, provided = false, moves, settling = 4 } = circumstances;
  const turn: fc.Arbitrary<Turn> = fc.record({
    move: fc.oneof(...moves),
    writes: fc.oneof(
      { weight: settling, arbitrary: fc.constant('all' as const) },
      { weight: 1, arbitrary: fc.nat({ max: 2 }) },
    ),
  });
  return fc.record({
    spec: spec ?? fc.constant({}),
    provided: fc.constant(provided),
    record: found ?? fc.constant(undefined),
    offered: found === undefined ? fc.constant(false) : fc.boolean(),
    turns: fc.array(turn, { maxLength: 24, size: 'max' }),
  });
}

function weighted(weight: number, arbitrary: fc.Arbitrary<Move>): Weighted {
  return { weight, arbitrary };
}

function editing(change: fc.Arbitrary<Edit>): fc.Arbitrary<Move> {
  return fc.record({ kind: fc.constant('edit' as const), edit: change });
}

function other(to: fc.Arbitrary<Partial<ApplicationSpec>>): fc.Arbitrary<Edit> {
  return fc.record({ field: fc.constant('other' as const), to });
}

const waiting: fc.Arbitrary<Move> = fc.record({
  kind: fc.constant('wait' as const),
  until: moment,
});
/** Soon enough for a request that is under way to be so still. */
const later: fc.Arbitrary<Move> = fc
  .constantFrom(SECOND, 12 * SECOND)
  .map((offset) => ({ kind: 'wait', until: { anchor: 'now', offset } }));
const sleeping: fc.Arbitrary<Move> = fc.constant({ kind: 'sleep' as const });
const garbling: fc.Arbitrary<Move> = fc.record({
  kind: fc.constant('garble' as const),
  readable: more,
});
const deletion: fc.Arbitrary<Move> = fc.constant({ kind: 'deleteApplication' as const });
const creation: fc.Arbitrary<Move> = fc.record({
  kind: fc.constant('createApplication' as const),
  spec: rotation,
});

/** Whatever may happen to an application. */
export const history: fc.Arbitrary<History> = historyOf({
  spec: rotation,
  record: fc.option(record, { nil: undefined, freq: 2 }),
  moves: [
    weighted(12, editing(time)),
    weighted(5, editing(other(rotation))),
    weighted(7, editing(other(anythingElse))),
    weighted(6, waiting),
    weighted(10, sleeping),
    weighted(6, fc.record({ kind: fc.constant('stepClock' as const), by: clockStep })),
    weighted(3, fc.record({ kind: fc.constant('trustClock' as const), trusted: fc.boolean() })),
    weighted(2, fc.record({ kind: fc.constant('pauseRotations' as const), paused: fc.boolean() })),
    weighted(1, fc.constant({ kind: 'loseStatus' as const })),
    weighted(1, fc.constant({ kind: 'terminate' as const })),
    weighted(2, deletion),
    weighted(5, creation),
    weighted(2, garbling),
    weighted(
      1,
      fc.record({ kind: fc.constant('occupy' as const), name: secretName, offered: fc.boolean() }),
    ),
    weighted(1, fc.record({ kind: fc.constant('vacate' as const), name: secretName })),
    weighted(1, fc.constant({ kind: 'deleteSecret' as const })),
    weighted(
      6,
      fc.record({ kind: fc.constantFrom('tamperCurrent', 'tamperPrevious'), with: forgery }),
    ),
  ],
});

/** One name of the backing Secret after the other, with crashes in between. */
export const renaming: fc.Arbitrary<History> = historyOf({
  moves: [
    weighted(4, editing(other(fc.record({ secretName })))),
    weighted(1, editing(time)),
    weighted(1, deletion),
    weighted(1, creation),
  ],
  settling: 1,
});

/** Boundaries that are set ahead, and come, while the application can be read or not. */
export const refusing: fc.Arbitrary<History> = historyOf({
  record: fc.option(record, { nil: undefined }),
  moves: [
    weighted(3, editing(time)),
    weighted(1, waiting),
    weighted(3, sleeping),
    weighted(2, garbling),
  ],
});

/** Somebody who puts former values back again and again, and time passing in between. */
export const restoring: fc.Arbitrary<History> = historyOf({
  moves: [
    weighted(
      1,
      fc.record({ kind: fc.constant('tamperCurrent' as const), with: fc.nat({ max: 3 }) }),
    ),
    weighted(
      1,
      fc
        .constantFrom(SECOND, MINUTE - 1, MINUTE, HOUR - 1, HOUR)
        .map((offset) => ({ kind: 'wait' as const, until: { anchor: 'now' as const, offset } })),
    ),
    weighted(1, sleeping),
  ],
  settling: 100,
});

const atProvider: fc.Arbitrary<ProviderMove> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('rotateByHand' as const),
      retainFor: fc.constantFrom(undefined, MINUTE, HOUR, DAY, 60 * DAY),
    }),
  },
  { weight: 2, arbitrary: fc.constant({ kind: 'revokeByHand' as const }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('reach' as const), reachable: more }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('linger' as const), lingers: fc.boolean() }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('loseAnswer' as const),
      loss: fc.constantFrom<Loss>('before', 'after', 'late'),
    }),
  },
);

/** A secret that lives at a provider, where others change it too, with crashes and lost answers. */
export const mirroring: fc.Arbitrary<History> = historyOf({
  spec: rotation,
  provided: true,
  moves: [
    weighted(8, editing(time)),
    weighted(4, editing(other(rotation))),
    weighted(6, editing(other(anythingElse))),
    weighted(4, waiting),
    weighted(8, sleeping),
    weighted(2, later),
    weighted(1, fc.record({ kind: fc.constant('trustClock' as const), trusted: more })),
    weighted(1, fc.constant({ kind: 'loseStatus' as const })),
    weighted(3, editing(other(fc.constant({ deletionPolicy: 'Delete' as const })))),
    weighted(2, deletion),
    weighted(4, creation),
    weighted(1, garbling),
    weighted(1, fc.constant({ kind: 'deleteSecret' as const })),
    weighted(
      3,
      fc.record({ kind: fc.constantFrom('tamperCurrent', 'tamperPrevious'), with: forgery }),
    ),
    weighted(12, atProvider),
  ],
  settling: 2,
});
