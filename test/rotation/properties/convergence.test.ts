import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { history, renaming } from '../model/history.ts';
import { publishedValues, Refusals, recordedValues } from '../model/ledger.ts';
import { alwaysHolds } from '../model/simulation.ts';
import { violated } from '../model/statements.ts';

describe('from any state', () => {
  test('decisions settle within a few writes, and then nothing more is written', () => {
    alwaysHolds(
      () => ({
        settled(_, world) {
          expect(world.step()).toHaveProperty('wait');
        },
      }),
      { histories: fc.oneof(history, renaming) },
    );
  });

  test('once settled, every statement of spec holds', () => {
    alwaysHolds(() => {
      const refusals = new Refusals();
      return {
        step: ({ o }) => refusals.look(o),
        settled({ o, wait, home }) {
          refusals.look(o);
          if (o.expiryOnly || o.spec.suspend || !o.clockTrusted || home === undefined) return;
          if (o.home?.current.kind === 'former') return;
          const held = wait.hold === undefined ? [] : ['rotateAfter', 'every'];
          const missed = violated(o, home.record, refusals.refused);
          expect(held).toEqual(expect.arrayContaining(missed));
        },
      };
    });
  });

  test('once settled, the current secret and what is retained are published as spec says', () => {
    alwaysHolds(
      () => ({
        settled({ o, home }, world) {
          if (o.expiryOnly || o.spec.suspend || !o.clockTrusted) return;
          const occupied = world.others.has(o.spec.secretName);
          if (home === undefined) return expect(occupied).toBe(true);
          // A former value that is put back again and again is replaced, but not at once each time.
          const restored = home.record.restorations?.count ?? 0;
          if (o.home?.current.kind === 'former') expect(restored).toBeGreaterThan(1);
          else expect(publishedValues(home)).toEqual(recordedValues(home));
          const name = occupied ? o.home?.name : o.spec.secretName;
          expect([...world.secrets.keys()]).toEqual([name]);
          expect(home.labels).toBe(JSON.stringify(o.spec.labels));
          expect(home.deletionPolicy).toBe(o.spec.deletionPolicy);
        },
      }),
      { histories: fc.oneof(history, renaming) },
    );
  });
});

describe('suspend', () => {
  test('nothing is issued, rotated or repaired', () => {
    alwaysHolds(() => ({
      step({ o, action, before, after }) {
        if (!o.spec.suspend || o.expiryOnly) return;
        expect(['RevokePrevious', 'DropStray', 'RecordRefusals']).toContain(action.kind);
        expect(after?.record.current).toEqual(before?.record.current);
        expect(after?.keys.current).toBe(before?.keys.current);
      },
    }));
  });

  test('expiry and revocation of what is retained go on', () => {
    alwaysHolds(() => {
      const refusals = new Refusals();
      return {
        step: ({ o }) => refusals.look(o),
        settled({ o, home }) {
          refusals.look(o);
          if (!o.spec.suspend || !o.clockTrusted || o.expiryOnly) return;
          if (home?.record.previous === undefined) return;
          const ofPrevious = { ...home.record, current: home.record.previous };
          const missed = violated(o, ofPrevious, refusals.refused);
          expect(['rotateAfter', 'every']).toEqual(expect.arrayContaining(missed));
        },
      };
    });
  });
});

describe('a clock that cannot be trusted', () => {
  test('nothing that depends on time happens', () => {
    alwaysHolds(() => ({
      step({ o, action, before, after }) {
        if (o.clockTrusted) return;
        expect(after?.record.current).toEqual(before?.record.current);
        if (action.kind !== 'RevokePrevious') return;
        expect(['Requested', 'Removed']).toContain(action.reason);
      },
    }));
  });

  test('revokePreviousSecret still works', () => {
    alwaysHolds(() => ({
      settled({ o, home }) {
        if (o.expiryOnly || !o.spec.revokePreviousSecret) return;
        expect(home?.record.previous).toBeUndefined();
        expect(home?.keys.previous).toBeUndefined();
      },
    }));
  });
});

test('of an application that is gone or unreadable nothing happens but the end of what is retained', () => {
  alwaysHolds(() => ({
    step({ o, action }) {
      if (!o.expiryOnly) return;
      expect(action.kind).toBe('RevokePrevious');
      if (action.kind === 'RevokePrevious') expect(['Expired', 'Removed']).toContain(action.reason);
    },
  }));
});
