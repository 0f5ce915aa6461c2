import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AHEAD } from '../fixtures.ts';
import type { Token } from '../model/backing-secret.ts';
import { history, renaming } from '../model/history.ts';
import {
  EndedValues,
  isIntact,
  publishedValues,
  recordedValues,
  Versions,
} from '../model/ledger.ts';
import { alwaysHolds } from '../model/simulation.ts';

describe('at every single step', () => {
  test('a value that has ended is never valid again', () => {
    alwaysHolds(
      () => {
        const values = new EndedValues();
        return {
          moved: (_, world) => values.moved(world),
          step({ before, after }) {
            values.step(before, after);
            const valid = isIntact(before) ? publishedValues(after) : recordedValues(after);
            for (const token of valid) expect(values.ended).not.toContain(token);
          },
        };
      },
      { histories: fc.oneof(history, renaming) },
    );
  });

  test('one current value is valid once it is issued, and at most one previous', () => {
    alwaysHolds(() => ({
      step({ before, after }) {
        if (before !== undefined) expect(after).toBeDefined();
        if (after === undefined) return;
        expect(after.record.previous === undefined).toBe(after.known.previous === undefined);
        if (isIntact(before)) expect(isIntact(after)).toBe(true);
      },
    }));
  });

  test('the operator brings back no value that was there before, whoever tampers', () => {
    alwaysHolds(() => ({
      step({ before, after }) {
        const standing = publishedValues(before);
        const appeared = publishedValues(after).filter((token) => !standing.includes(token));
        for (const token of appeared) expect(before?.known.former ?? []).not.toContain(token);
      },
    }));
  });

  test('a value that was there before is never accepted', () => {
    alwaysHolds(() => ({
      step({ action, before }) {
        if (action.kind !== 'Accept') return;
        expect(before?.keys.current).toBeDefined();
        expect(before?.known.former).not.toContain(before?.keys.current);
        expect(recordedValues(before)).not.toContain(before?.keys.current);
      },
    }));
  });

  test('upkeep leaves values, versions and times as they are', () => {
    alwaysHolds(
      () => ({
        step({ o, action, before, after }) {
          if (!['RecordRefusals', 'Move', 'DeleteLeftover', 'Repair'].includes(action.kind)) return;
          expect(after?.record.current).toEqual(before?.record.current);
          expect(after?.record.previous).toEqual(before?.record.previous);
          expect(after?.record.lastRevocation).toEqual(before?.record.lastRevocation);
          expect(recordedValues(after)).toEqual(recordedValues(before));
          expect(after?.keys.current).toBe(before?.keys.current);
          if (action.kind === 'DeleteLeftover') expect(action.name).not.toBe(o.spec.secretName);
        },
      }),
      { histories: fc.oneof(history, renaming) },
    );
  });

  test('a Secret of somebody else is never touched, unless it is offered, and then adopted', () => {
    alwaysHolds(() => {
      let others = new Map<string, Token | undefined>();
      return {
        moved(_, world) {
          others = new Map(world.others);
        },
        step({ o, action, before, after }, world) {
          if (action.kind === 'Adopt') {
            expect(before).toBeUndefined();
            expect(after?.keys.current).toBe(others.get(o.spec.secretName));
            others.delete(o.spec.secretName);
          }
          expect(world.others).toEqual(others);
        },
      };
    });
  });

  test('versions strictly increase, and none is given to two values', () => {
    alwaysHolds(() => {
      const versions = new Versions();
      return {
        moved: (move, world) => versions.moved(move, world),
        step({ o, before, after }) {
          if (after === undefined) return;
          const { record, known } = after;
          const isNew = record.current.version !== before?.record.current.version;
          expect(isNew).toBe(known.current !== before?.known.current);
          if (isNew) {
            expect(record.current.version).toBeGreaterThan(before?.record.current.version ?? 0);
            expect(record.current.version).toBeGreaterThan(o.versionFloor);
            expect([...versions.given.keys()]).not.toContain(record.current.version);
          }
          expect(versions.given.get(record.current.version) ?? known.current).toBe(known.current);
          versions.given.set(record.current.version, known.current);
        },
      };
    });
  });

  test('no value is issued before the one that it succeeds, but for a clock that was far ahead', () => {
    alwaysHolds(() => ({
      step({ o, action, before, after }) {
        if (action.kind !== 'Issue' && action.kind !== 'Rotate') return;
        const predecessor = before?.record.current.issuedAt ?? 0;
        if (predecessor > o.now + AHEAD) return;
        expect(after?.record.current.issuedAt).toBeGreaterThanOrEqual(predecessor);
      },
    }));
  });
});
