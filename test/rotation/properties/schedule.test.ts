import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decide } from '../../../src/rotation/decide.ts';
import type { Decision } from '../../../src/rotation/decision.ts';
import type { Observation } from '../../../src/rotation/observation.ts';
import type { Millis } from '../../../src/rotation/record.ts';
import { AHEAD, DAY, given, HOUR, MINUTE, NOW } from '../fixtures.ts';
import type { BackingSecret } from '../model/backing-secret.ts';
import { history, restoring } from '../model/history.ts';
import { alwaysHolds } from '../model/simulation.ts';
import { guardOf, isDue, violated } from '../model/statements.ts';

describe('guards 1 and 2', () => {
  test('a rotation by rotateAfter or every starts only when it is due and no guard stands', () => {
    alwaysHolds(() => ({
      step({ o, action, before }) {
        if (action.kind !== 'Rotate' || action.cause === 'IssuedBefore') return;
        if (before === undefined) return expect.fail('no Secret');
        expect(guardOf(o, before.record)).toBeUndefined();
        expect(isDue(o, before.record, action.cause)).toBe(true);
      },
    }));
  });

  test('it is held exactly while it is due and a guard stands', () => {
    alwaysHolds(() => ({
      settled({ o, wait: { hold }, home }) {
        if (o.expiryOnly || home === undefined || o.home?.current.kind !== 'intact') {
          return expect(hold?.cause ?? 'IssuedBefore').toBe('IssuedBefore');
        }
        if (!o.clockTrusted) return;
        const missed = violated(o, home.record, {});
        const isOverdue = missed.includes('rotateAfter') || missed.includes('every');
        if (hold === undefined) return expect(isOverdue).toBe(false);
        if (hold.cause === 'IssuedBefore') return expect(o.spec.suspend).toBe(true);
        expect(hold.reason).toBe(guardOf(o, home.record) ?? 'none');
        expect(isDue(o, home.record, hold.cause)).toBe(true);
        // Being brought forward, a rotation has time to wait for what is retained.
        if (hold.reason === 'PreviousSecretRetained') expect(isOverdue).toBe(true);
      },
    }));
  });
});

test('Wait.until is never past, nor later than the moment when time alone changes the decision', () => {
  alwaysHolds(
    () => ({
      settled({ o, wait, home }, world) {
        const until = wait.until ?? o.now + 400 * DAY;
        expect(until).toBeGreaterThan(o.now);
        for (const at of momentsOf(o, home)) {
          if (at <= o.now || at >= until) continue;
          expect(gist(world.foresee(at)), `${at - o.now} ms later`).toEqual(gist(wait));
        }
        expect(gist(world.foresee(until - 1)), 'just before').toEqual(gist(wait));
      },
    }),
    { numRuns: 150, histories: fc.oneof(history, restoring) },
  );
});

test('a fleet that was created at once does not rotate at once', () => {
  const every = fc.integer({ min: 10, max: 365 * 24 * 60 }).map((minutes) => minutes * MINUTE);
  fc.assert(
    fc.property(every, fc.uniqueArray(fc.uuid(), { minLength: 50, maxLength: 50 }), (age, uids) => {
      const window = Math.min(age / 10, DAY);
      const young = given().current({ issuedAt: NOW }).spec({ every: age });
      const times = uids.map((uid) => {
        const decision = decide(young.with({ uid }).observation);
        return decision.kind === 'Wait' ? NOW + age - (decision.until ?? 0) : -1;
      });
      for (const broughtForward of times) {
        expect(broughtForward).toBeGreaterThanOrEqual(0);
        expect(broughtForward).toBeLessThan(window);
      }
      expect(Math.max(...times) - Math.min(...times)).toBeGreaterThan(window / 2);
    }),
  );
});

const DISTANCES: readonly Millis[] = [0, -AHEAD, AHEAD, MINUTE, HOUR, DAY, 30 * DAY, 365 * DAY];

/** The moments at which something could change: near every time that is known here. */
function momentsOf({ now, spec }: Observation, home: BackingSecret | undefined): Millis[] {
  const { current, previous, restorations } = home?.record ?? {};
  const known = [
    ...[now, current?.issuedAt, previous?.issuedAt, previous?.retiredAt, previous?.expiresAt],
    ...[spec.rotateAfter?.time, restorations?.lastAt],
    ...[spec.revokeRetiredBefore?.time, spec.revokeIssuedBefore?.time],
  ].filter((at) => at !== undefined);
  return known.flatMap((at) => DISTANCES.flatMap((by) => [at + by, at + by + 1]));
}

/** What a decision amounts to, apart from the times that it would write. */
function gist(decision: Decision): unknown {
  if (decision.kind !== 'Wait') return decision.kind;
  const { hold, impediment, awaitsClock } = decision;
  return {
    hold,
    impediment: impediment?.reason,
    awaitsClock: awaitsClock && { ...awaitsClock, issuedAt: 0, retain: undefined },
  };
}
