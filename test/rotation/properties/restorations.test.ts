import { expect, test } from 'vitest';
import type { Millis } from '../../../src/rotation/record.ts';
import { HOUR, MINUTE } from '../fixtures.ts';
import { restoring } from '../model/history.ts';
import { alwaysHolds } from '../model/simulation.ts';
import type { Step } from '../model/world.ts';

/** When former values were replaced. */
class Replacements {
  readonly times: Millis[] = [];

  /** Returns whether `step` is such a replacement. */
  step({ o, action }: Step): boolean {
    const isOne = action.kind === 'Issue' && action.cause === 'FormerValue';
    if (isOne) this.times.push(o.now);
    return isOne;
  }

  /** The last of a series, if one goes on at `now`: two or more, each within an hour of the last. */
  lastOfSeries(now: Millis): Millis | undefined {
    const [last, beforeLast] = this.times.toReversed();
    if (last === undefined || beforeLast === undefined) return undefined;
    return last - beforeLast < HOUR && now - last < HOUR ? last : undefined;
  }
}

test('a former value that is put back again and again is replaced at most once a minute', () => {
  alwaysHolds(
    () => {
      const replacements = new Replacements();
      return {
        step(step) {
          const last = replacements.lastOfSeries(step.o.now) ?? 0;
          if (!replacements.step(step)) return;
          expect(step.o.now - last).toBeGreaterThanOrEqual(MINUTE);
        },
      };
    },
    { histories: restoring },
  );
});

test('and told of as long as it goes on, and replaced when the minute is over', () => {
  alwaysHolds(
    () => {
      const replacements = new Replacements();
      return {
        step(step) {
          replacements.step(step);
        },
        settled({ o, wait }) {
          const last = replacements.lastOfSeries(o.now);
          const reason = last === undefined ? undefined : 'FormerSecretRestored';
          expect(wait.impediment?.reason).toBe(reason);
          if (o.home?.current.kind === 'former') expect(o.now - (last ?? 0)).toBeLessThan(MINUTE);
        },
      };
    },
    { histories: restoring },
  );
});
