import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AHEAD } from '../fixtures.ts';
import { history, refusing } from '../model/history.ts';
import { Refusals } from '../model/ledger.ts';
import { alwaysHolds } from '../model/simulation.ts';
import { boundary, violated } from '../model/statements.ts';
import { reasonOf } from '../model/world.ts';

describe('revokeIssuedBefore', () => {
  test('replaces a current secret from before T by one that is not', () => {
    alwaysHolds(() => {
      const refusals = new Refusals();
      return {
        settled: ({ o }) => refusals.look(o),
        step({ o, action, before, after }) {
          refusals.look(o);
          if (action.kind !== 'Rotate' || action.cause !== 'IssuedBefore') return;
          if (before === undefined || after === undefined) return expect.fail('no Secret');
          expect(violated(o, before.record, refusals.refused)).toContain('revokeIssuedBefore');
          expect(violated(o, after.record, refusals.refused)).not.toContain('revokeIssuedBefore');
        },
      };
    });
  });

  test('fires once for each T, unless the clock is put back', () => {
    alwaysHolds(() => {
      const fired = new Set<string | undefined>();
      return {
        moved(move) {
          if (move.kind === 'stepClock' && move.by < 0) fired.clear();
        },
        step({ o, action }) {
          // A value from elsewhere is issued when it is noticed, which can be before T.
          if (action.kind === 'Accept' || action.kind === 'Adopt') fired.clear();
          if (action.kind !== 'Rotate' || action.cause !== 'IssuedBefore') return;
          const text = o.spec.revokeIssuedBefore?.text;
          expect([...fired]).not.toContain(text);
          fired.add(text);
        },
      };
    });
  });

  test('fires again, where the clock is put back, only for an issuedAt more than 5 minutes ahead', () => {
    alwaysHolds(() => {
      const fired = new Set<string | undefined>();
      return {
        step({ o, action, before }) {
          if (action.kind === 'Accept' || action.kind === 'Adopt') fired.clear();
          if (action.kind !== 'Rotate' || action.cause !== 'IssuedBefore') return;
          const text = o.spec.revokeIssuedBefore?.text;
          if (fired.has(text)) {
            expect(before?.record.current.issuedAt).toBeGreaterThan(o.now + AHEAD);
          }
          fired.add(text);
        },
      };
    });
  });
});

test('a boundary that is refused is told, and never fires, also when its time has come', () => {
  alwaysHolds(
    () => {
      const refusals = new Refusals();
      return {
        settled({ o, wait, home }) {
          refusals.look(o);
          if (o.expiryOnly || home === undefined) return;
          expect(home.record.refused).toEqual(refusals.refused);
          const isRefused = Object.keys(refusals.refused).length > 0;
          if (isRefused && o.target.kind === 'ours') {
            expect(wait.impediment?.reason).toBe('InvalidSpec');
          }
          if (!isRefused) expect(wait.impediment?.reason).not.toBe('InvalidSpec');
        },
        step(step) {
          refusals.look(step.o);
          const reason = reasonOf(step);
          if (reason !== 'RetiredBefore' && reason !== 'IssuedBefore') return;
          expect(boundary(step.o, refusals.refused, `revoke${reason}`)).toBeDefined();
        },
      };
    },
    { histories: fc.oneof(history, refusing) },
  );
});
