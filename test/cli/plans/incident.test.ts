import { describe, expect, test } from 'vitest';
import type { OIDCApplicationSpec } from '../../../src/api/oidcapplication.gen.ts';
import type { Application } from '../../../src/cli/application.ts';
import { planIncident } from '../../../src/cli/plans/incident.ts';
import {
  ALONE,
  application,
  at,
  condition,
  DAY,
  HOUR,
  MINUTE,
  NOW,
  RETAINED,
} from '../applications.ts';

function plan(status: Application['status'], leakedAt?: string, spec: OIDCApplicationSpec = {}) {
  const options = leakedAt === undefined ? {} : { leakedAt };
  return planIncident(application(status, spec), options, NOW);
}

const stated = { path: ['revokeIssuedBefore'], value: at() };
const currentEnds = expect.stringMatching(/^Version 2, the current .* replaced at once/);
const previousEnds = expect.stringMatching(/^Version 1, the previous client secret, is revoked/);
const lastUse = expect.stringContaining('last used');

test('everything that is valid now ends', () => {
  expect(plan(RETAINED)).toEqual({
    kind: 'change',
    fields: [stated],
    consequences: [currentEnds, previousEnds, lastUse],
    irreversible: true,
    warnings: [],
    goal: { kind: 'revocation', stated },
  });
  expect(plan(ALONE)).toMatchObject({ fields: [stated], consequences: [currentEnds] });
});

test('the time lies after the current secret was issued, whatever the clocks say', () => {
  const ahead = { ...ALONE, currentSecret: { version: 2, issuedAt: at(MINUTE) } };
  expect(plan(ahead)).toMatchObject({ fields: [{ ...stated, value: at(MINUTE + 1) }] });
});

describe('--leaked-at', () => {
  test('what was issued since is left alone', () => {
    const leakedAt = at(-2 * HOUR);
    expect(plan(RETAINED, leakedAt)).toMatchObject({
      fields: [{ ...stated, value: leakedAt }],
      consequences: [previousEnds, lastUse],
    });
    expect(plan(ALONE, leakedAt)).toMatchObject({ kind: 'nothing' });
    expect(plan(ALONE, at(-HOUR))).toMatchObject({ kind: 'nothing' });
    expect(plan(ALONE, at(-HOUR + 1))).toMatchObject({ consequences: [currentEnds] });
  });

  test('before everything that is valid, there is nothing to revoke', () => {
    expect(plan(RETAINED, at(-20 * DAY))).toEqual({
      kind: 'nothing',
      message: expect.stringContaining(at(-20 * DAY)),
    });
  });
});

test('without a published secret, the leak is not taken for answered', () => {
  const conditions = [condition('Ready', 'False', 'ProviderUnavailable', 'It does not answer.')];
  expect(plan({ observedGeneration: 3, conditions })).toEqual({
    kind: 'refused',
    message: expect.stringMatching(/^no client secret is published.*: It does not answer\.$/),
  });
});

/** The API server fills it in. */
const UNTOLD = { observedGeneration: -1 };

test('where the operator has not told what is valid, it ends all the same', () => {
  const untold = expect.stringContaining(`issued before ${at()} is revoked`);
  expect(plan(UNTOLD)).toMatchObject({
    kind: 'change',
    fields: [stated],
    consequences: [untold],
    irreversible: true,
    warnings: [],
  });
  expect(plan(UNTOLD, undefined, { suspend: true })).toMatchObject({
    warnings: [expect.stringContaining('spec.suspend is true')],
  });
  expect(plan(UNTOLD, at(-HOUR), { revokeIssuedBefore: at(-HOUR) })).toMatchObject({
    kind: 'underway',
    message: expect.stringContaining('has not told'),
  });
});

test('a suspended application keeps its current secret: that is told', () => {
  const warning = expect.stringContaining('spec.suspend is true');
  expect(plan(ALONE, undefined, { suspend: true })).toMatchObject({ warnings: [warning] });
  expect(plan(RETAINED, at(-2 * HOUR), { suspend: true })).toMatchObject({ warnings: [] });
});

test('what spec asks for already is not asked for again', () => {
  const asked = { revokeIssuedBefore: at(-MINUTE) };
  expect(plan(RETAINED, at(-2 * MINUTE), asked)).toMatchObject({
    kind: 'underway',
    goal: { kind: 'revocation' },
  });
  expect(plan(RETAINED, at(-MINUTE), asked)).toMatchObject({ kind: 'underway' });
});

test.for<[string, OIDCApplicationSpec]>([
  ['of an earlier leak', { revokeIssuedBefore: at(-MINUTE) }],
  ['that the operator refuses', { revokeIssuedBefore: at(DAY) }],
])('a statement %s does not count', ([, spec]) => {
  expect(plan(RETAINED, undefined, spec)).toMatchObject({ kind: 'change', fields: [stated] });
});
