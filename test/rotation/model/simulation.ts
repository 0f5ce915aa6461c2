import fc from 'fast-check';
import { expect } from 'vitest';
import { DEFAULT_SPEC } from '../fixtures.ts';
import { type History, history, type Turn } from './history.ts';
import { type Move, perform } from './moves.ts';
import { MAX_STEPS, MAX_STEPS_AT_PROVIDER, type Settled, type Step, World } from './world.ts';

/** Looks on at everything that happens in a world, and fails where something must not happen. */
export interface Watcher {
  /** After each write of the operator. */
  readonly step?: (step: Step, world: World) => void;
  /** After the operator found nothing left to do. */
  readonly settled?: (settled: Settled, world: World) => void;
  /** After each move of anybody else. */
  readonly moved?: (move: Move, world: World) => void;
}

interface Options {
  readonly numRuns?: number;
  readonly histories?: fc.Arbitrary<History>;
}

/** Checks that no history makes a watcher fail. A failure tells the seed and the shortest history. */
export function alwaysHolds(
  watch: () => Watcher,
  { numRuns = 300, histories = history }: Options = {},
): void {
  fc.assert(
    fc.property(histories, (past) => live(past, watch())),
    { numRuns },
  );
}

function live({ spec, provided, record, offered, turns }: History, watcher: Watcher): void {
  const world = new World();
  if (provided) world.attach();
  world.create(spec);
  const happen = (move: Move) => {
    perform(world, move);
    watcher.moved?.(move, world);
  };
  if (record !== undefined) world.find(record);
  else if (offered) happen({ kind: 'occupy', name: DEFAULT_SPEC.secretName, offered });
  operate(world, 'all', watcher);
  for (const { move, writes } of turns) {
    happen(move);
    operate(world, writes, watcher);
  }
}

/** A number of writes, as before a crash or an edit in between; or all, and then status. */
function operate(world: World, writes: Turn['writes'], watcher: Watcher): void {
  const most = world.provider === undefined ? MAX_STEPS : MAX_STEPS_AT_PROVIDER;
  for (let step = 0; step < (writes === 'all' ? most + 1 : writes); step += 1) {
    const outcome = world.step();
    if ('wait' in outcome) {
      world.endReconciliation();
      watcher.settled?.(outcome, world);
      world.report();
      return;
    }
    watcher.step?.(outcome, world);
  }
  world.endReconciliation();
  if (writes === 'all') expect.fail(`did not settle within ${most} steps`);
}
