import { describe, expect, test } from 'vitest';
import { MINUTE } from '../fixtures.ts';
import { mirroring } from '../model/history.ts';
import { publishedValues } from '../model/ledger.ts';
import type { Move } from '../model/moves.ts';
import { alwaysHolds, type Watcher } from '../model/simulation.ts';
import type { Step, World } from '../model/world.ts';

const histories = mirroring;
const options = { histories, numRuns: 600 };

function atProvider(world: World) {
  const { provider } = world;
  if (provider === undefined) throw new Error('there is no provider');
  return provider;
}

/** The provider's secrets before each step. */
function following(look: (step: Step, before: Seen, world: World) => void): () => Watcher {
  return () => {
    let seen: Seen | undefined;
    const see = (world: World) => {
      const { current, previous } = atProvider(world);
      seen = { current, previous: previous?.token };
    };
    return {
      moved: (_, world) => see(world),
      settled: (_, world) => see(world),
      step(step, world) {
        if (seen !== undefined) look(step, seen, world);
        see(world);
      },
    };
  };
}

interface Seen {
  readonly current: number;
  readonly previous: number | undefined;
}

/** After these nobody can tell any more what became of a rotation of the operator's. */
const FORGETTING: ReadonlySet<Move['kind']> = new Set([
  'rotateByHand',
  'deleteSecret',
  'deleteApplication',
]);

describe('a rotation', () => {
  test('replaces only what is published, and only while nothing is retained', () => {
    alwaysHolds(
      following(({ before, action }, seen, world) => {
        if (action.kind !== 'SendRotation' || atProvider(world).current === seen.current) return;
        expect(before?.known.current).toBe(seen.current);
        expect(seen.previous).toBeUndefined();
      }),
      options,
    );
  });

  test('was written down before it is sent', () => {
    alwaysHolds(
      () => ({
        step({ action, before }) {
          if (action.kind === 'SendRotation') expect(before?.record.intent).toEqual(action.intent);
        },
      }),
      options,
    );
  });

  test('is not sent while an earlier one may still take effect', () => {
    alwaysHolds(() => {
      let isUnderWay = false;
      return {
        moved({ kind }) {
          if (FORGETTING.has(kind)) isUnderWay = false;
        },
        step({ action }, world) {
          const { isRotating } = atProvider(world);
          if (!isRotating) isUnderWay = false;
          if (action.kind !== 'SendRotation') return;
          expect(isUnderWay).toBe(false);
          isUnderWay = isRotating;
        },
      };
    }, options);
  });

  test('is not sent again while an earlier one may have happened and is not published', () => {
    alwaysHolds(() => {
      let unpublished = false;
      return {
        moved({ kind }) {
          if (FORGETTING.has(kind)) unpublished = false;
        },
        step({ action, after }, world) {
          const { current } = atProvider(world);
          if (action.kind === 'SendRotation') {
            expect(unpublished).toBe(false);
            unpublished = current !== after?.known.current;
          }
          if (after?.known.current === current) unpublished = false;
        },
      };
    }, options);
  });
});

describe('at every single step', () => {
  test('a current value that works is not replaced by one that does not', () => {
    alwaysHolds(
      () => ({
        step({ before, after }, world) {
          if (after === undefined || after.keys.current === before?.keys.current) return;
          expect(after.keys.current).toBe(atProvider(world).current);
        },
      }),
      options,
    );
  });

  test('only the previous secret on record is revoked there', () => {
    alwaysHolds(
      following(({ before, action }, seen, world) => {
        const now = atProvider(world).previous?.token;
        if (action.kind !== 'RevokeAtProvider' || now === seen.previous) return;
        expect(seen.previous).toBe(before?.known.previous);
      }),
      options,
    );
  });

  test('what is told to have ended is not accepted any more', () => {
    alwaysHolds(
      () => ({
        step({ o, action, before }, world) {
          if (before === undefined) return;
          const { keys, known } = before;
          const provider = atProvider(world);
          if (action.kind === 'RevokePrevious' && keys.previous === known.previous) {
            expect(provider.accepts(keys.previous, o.now)).toBe(false);
          }
          if (action.kind === 'ConcludeRotation' && action.previous === undefined) {
            if (keys.current === known.current) {
              expect(provider.accepts(keys.current, o.now)).toBe(false);
            }
          }
        },
      }),
      options,
    );
  });

  test('a secret that somebody else retained outlives a revokePreviousSecret that stood then', () => {
    alwaysHolds(
      () => ({
        step({ o, action, before }) {
          const discovery = before?.record.previous?.discovery;
          if (action.kind !== 'RevokePrevious' || action.reason !== 'Requested') return;
          if (discovery?.uid === o.uid) expect(o.generation).toBeGreaterThan(discovery.generation);
        },
      }),
      options,
    );
  });
});

describe('once settled', () => {
  test('the backing Secret mirrors the provider', () => {
    alwaysHolds(
      () => ({
        settled({ o, wait, home }, world) {
          const provider = atProvider(world);
          if (!isInSync(o, wait)) return;
          const previous = provider.shown(o.now)?.token;
          const lingering =
            wait.pending?.kind === 'StillAccepted' ? home?.known.previous : previous;
          const wanted = [provider.current, lingering].filter((token) => token !== undefined);
          if (o.home?.current.kind === 'intact') expect(publishedValues(home)).toEqual(wanted);
        },
      }),
      options,
    );
  });

  test('nothing more is written, and nothing more is asked of the provider', () => {
    alwaysHolds(
      () => ({
        settled({ o, wait }, world) {
          if (wait.pending ?? wait.awaitsProvider ?? wait.awaitsClock) return;
          const next = world.step();
          world.endReconciliation();
          if (!o.expiryOnly) expect(next).toHaveProperty('wait');
        },
      }),
      options,
    );
  });

  test('an intent is left over only while its outcome is unknown', () => {
    alwaysHolds(
      () => ({
        settled({ o, wait, home }) {
          if (home?.record.intent === undefined || !o.clockTrusted) return;
          expect(wait.pending ?? wait.trouble).toBeDefined();
        },
      }),
      options,
    );
  });

  test('what was not to be retained is there only while the provider accepts it all the same', () => {
    alwaysHolds(
      () => ({
        settled({ o, wait, home }) {
          if (o.authority.kind === 'local' || o.authority.trouble !== undefined) return;
          if (home?.record.previous?.unpromised === undefined || !o.clockTrusted) return;
          expect(wait.pending).toBeDefined();
        },
      }),
      options,
    );
  });
});

describe('deletionPolicy: Delete', () => {
  test('the finalizer is there exactly while there is something to do at the provider', () => {
    alwaysHolds(
      () => ({
        settled({ o, home }, world) {
          if (o.expiryOnly || world.application === undefined) return;
          const { previous, intent } = home?.record ?? {};
          const isLeft = previous !== undefined || intent !== undefined;
          expect(world.application.held).toBe(o.spec.deletionPolicy === 'Delete' && isLeft);
        },
      }),
      options,
    );
  });

  test('an application that goes leaves no previous secret behind, unless it is given up after 5 minutes', () => {
    alwaysHolds(
      () => ({
        step({ o, action, before }, world) {
          if (action.kind !== 'ReleaseDeletion' || o.deletedAt === undefined) return;
          if (action.abandoned) expect(o.now).toBeGreaterThanOrEqual(o.deletedAt + 5 * MINUTE);
          else if (o.spec.deletionPolicy === 'Delete') {
            expect(before?.record.previous).toBeUndefined();
          }
          expect(world.application).toBeUndefined();
        },
        settled({ o }) {
          if (o.deletedAt === undefined || !o.holdsDeletion) return;
          expect(o.now).toBeLessThan(o.deletedAt + 5 * MINUTE);
        },
      }),
      options,
    );
  });
});

function isInSync(
  o: Step['o'],
  wait: { readonly trouble: unknown; readonly pending: { kind: string } | undefined },
): boolean {
  if (o.expiryOnly || o.spec.suspend || !o.clockTrusted || wait.trouble !== undefined) return false;
  if (wait.pending !== undefined && wait.pending.kind !== 'StillAccepted') return false;
  // What others do there is noticed when the client is read next.
  return o.authority.kind === 'provider' && o.authority.view !== undefined;
}
