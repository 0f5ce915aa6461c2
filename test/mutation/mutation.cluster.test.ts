import { describe, expect, test } from 'vitest';
import { endsLikeFresh, recovers, refuses, staysAsCreated } from './courses.ts';
import { MUTATIONS, type Value } from './mutations.ts';
import { specFields } from './spec-fields.ts';

test('every field of spec is mutated', () => {
  expect(Object.keys(MUTATIONS)).toEqual(specFields());
});

for (const [field, mutation] of Object.entries(MUTATIONS)) {
  describe(`spec.${field}`, () => {
    if ('immutable' in mutation) {
      const { immutable, beside, refused } = mutation;
      test('can be neither changed nor removed nor added', () => staysAsCreated(field, mutation));
      test('is refused by name where it is invalid', () =>
        refuses(field, immutable[0], refused, beside));
      return;
    }
    const { changes, removals, refused, stalled } = mutation;
    for (const change of [...changes, ...removals]) {
      const title = `from ${inWords(change.from)} to ${inWords(change.to)}`;
      test(`${title}: it ends as if created so`, () => endsLikeFresh(field, change));
    }
    test('is refused by name where it is invalid, and stays', () =>
      refuses(field, changes[0].from, refused));
    if (stalled === undefined) return;
    test(`stalls with ${stalled.reason}, and put back ends as if it never had`, () =>
      recovers(field, changes[0], stalled));
  });
}

function inWords(value: Value): string {
  return value === undefined ? 'nothing' : JSON.stringify(value);
}
