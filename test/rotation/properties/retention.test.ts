import { describe, expect, test } from 'vitest';
import type { RetainedSecret, RevocationReason } from '../../../src/rotation/record.ts';
import { AHEAD } from '../fixtures.ts';
import type { BackingSecret } from '../model/backing-secret.ts';
import { Refusals } from '../model/ledger.ts';
import { alwaysHolds } from '../model/simulation.ts';
import { boundary, promisedEnd, violated } from '../model/statements.ts';
import { reasonOf, type Step } from '../model/world.ts';

/** What must be so where a retained secret ends for a reason. */
const ENDS: Record<
  RevocationReason,
  (step: Step, retained: RetainedSecret, refusals: Refusals) => boolean
> = {
  Requested: ({ o }) => o.spec.revokePreviousSecret,
  RetiredBefore: ({ o }, { retiredAt }, { refused }) =>
    retiredAt < (boundary(o, refused, 'revokeRetiredBefore') ?? 0),
  IssuedBefore: ({ o, action }, { issuedAt }, { refused }) => {
    const time = boundary(o, refused, 'revokeIssuedBefore');
    if (time === undefined) return false;
    return action.kind === 'Rotate' || issuedAt < time || issuedAt > o.now + AHEAD;
  },
  Expired: ({ o }, retained) => o.now >= promisedEnd(retained),
  Removed: ({ before }) => before?.keys.previous !== before?.known.previous,
  NotRetained: () => false,
  Deleted: () => false,
};

function versionsOf(secret: BackingSecret | undefined): number[] {
  const { current, previous } = secret?.record ?? {};
  return [current?.version, previous?.version].filter((version) => version !== undefined);
}

describe('a retained secret', () => {
  test('is ended early by an explicit statement alone, and never prolonged', () => {
    alwaysHolds(() => {
      const refusals = new Refusals();
      return {
        settled: ({ o }) => refusals.look(o),
        step(step) {
          refusals.look(step.o);
          const retained = step.before?.record.previous;
          if (retained === undefined) return;
          const reason = reasonOf(step);
          if (reason === undefined) expect(step.after?.record.previous).toEqual(retained);
          else expect(ENDS[reason](step, retained, refusals), reason).toBe(true);
        },
      };
    });
  });

  test('is promised what retainPreviousFor says when the rotation happens', () => {
    alwaysHolds(() => ({
      step({ o, action, before, after }) {
        if (action.kind !== 'Rotate') return;
        const retained = after?.record.previous;
        if (action.cause === 'IssuedBefore' || o.spec.retainPreviousFor === 0) {
          return expect(retained).toBeUndefined();
        }
        expect(retained).toMatchObject(before?.record.current ?? {});
        expect(retained?.expiresAt).toBe(o.now + o.spec.retainPreviousFor);
        expect(retained?.retiredAt).toBeGreaterThanOrEqual(o.now);
        expect(retained?.retiredAt).toBeLessThanOrEqual(o.now + AHEAD);
      },
    }));
  });

  test('is none that a statement would end at once: no rotation retains such a secret', () => {
    alwaysHolds(() => {
      const refusals = new Refusals();
      return {
        settled: ({ o }) => refusals.look(o),
        step({ o, action, after }) {
          refusals.look(o);
          if (action.kind !== 'Rotate' || after === undefined) return;
          const missed = violated(o, after.record, refusals.refused);
          expect(missed.filter((name) => name.startsWith('revoke'))).toEqual([]);
        },
      };
    });
  });

  test('or any other is told of when it ends: which, when and why', () => {
    alwaysHolds(() => ({
      step(step) {
        const { o, action, before, after } = step;
        const told = after?.record.lastRevocation;
        const left = versionsOf(after);
        const ended = versionsOf(before).filter((version) => !left.includes(version));
        if (before === undefined && o.versionFloor > 0) ended.push(o.versionFloor);
        if (ended.length === 0) return expect(told).toEqual(before?.record.lastRevocation);
        expect(ended).toContain(told?.version);
        expect(told?.time).toBe(o.now);
        const otherwise = action.kind === 'Accept' ? 'NotRetained' : 'Removed';
        expect(told?.reason).toBe(reasonOf(step) ?? otherwise);
      },
    }));
  });

  test('has ended once it expired, also when its application is gone or suspended', () => {
    alwaysHolds(() => ({
      settled({ o, home }) {
        if (!o.clockTrusted || home?.record.previous === undefined) return;
        expect(o.now).toBeLessThan(promisedEnd(home.record.previous));
      },
    }));
  });

  test('is never touched by a revokeRetiredBefore that stood when it was retired', () => {
    alwaysHolds(() => {
      const stoodThen = new Map<number | undefined, string | undefined>();
      return {
        step(step) {
          const { o, action, before, after } = step;
          const text = o.spec.revokeRetiredBefore?.text;
          if (action.kind === 'Rotate') stoodThen.set(after?.record.previous?.version, text);
          if (reasonOf(step) !== 'RetiredBefore') return;
          expect(stoodThen.get(before?.record.previous?.version)).not.toBe(text);
        },
      };
    });
  });
});
