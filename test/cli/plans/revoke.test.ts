import { expect, test } from 'vitest';
import type { OIDCApplicationSpec } from '../../../src/api/oidcapplication.gen.ts';
import type { Application } from '../../../src/cli/application.ts';
import { planRevocation } from '../../../src/cli/plans/revoke.ts';
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
  withCondition,
} from '../applications.ts';

function plan(status: Application['status'], spec: OIDCApplicationSpec = {}, generation = 3) {
  return planRevocation(application(status, spec, { generation }), NOW);
}

const stated = { path: ['revokeRetiredBefore'], value: at() };

test('revokes what was retained until now, which holds back no later rotation', () => {
  expect(plan(RETAINED)).toEqual({
    kind: 'change',
    fields: [stated],
    consequences: [
      `Version 1, the previous client secret, is revoked. It would stay valid until ${at(23 * HOUR)} (in 23h).`,
      'When version 1 was last used is not known.',
      `Version 2, which took its place, has been out since ${at(-HOUR)} (1h ago).`,
    ],
    irreversible: true,
    warnings: [],
    goal: { kind: 'revocation', stated },
  });
});

test('when the previous secret was last used is told where it is known', () => {
  const previousSecret = RETAINED.previousSecret && {
    ...RETAINED.previousSecret,
    lastUsedAt: at(-3 * MINUTE),
  };
  expect(plan({ ...RETAINED, ...(previousSecret && { previousSecret }) })).toMatchObject({
    consequences: [
      expect.anything(),
      `Version 1 was last used ${at(-3 * MINUTE)} (3m ago).`,
      expect.anything(),
    ],
  });
});

test('the time lies after the retirement, whatever the clocks say', () => {
  const previousSecret = RETAINED.previousSecret && {
    ...RETAINED.previousSecret,
    retiredAt: at(MINUTE),
  };
  const planned = plan({ ...RETAINED, ...(previousSecret && { previousSecret }) });
  expect(planned).toMatchObject({ fields: [{ ...stated, value: at(MINUTE + 1) }] });
});

test('a rotation that waits for the end is told of', () => {
  const held = withCondition(RETAINED, condition('RotationHeld', 'True', 'PreviousSecretRetained'));
  expect(plan(held)).toMatchObject({ warnings: [expect.stringContaining('goes ahead')] });
  const paused = withCondition(RETAINED, condition('RotationHeld', 'True', 'RotationsPaused'));
  expect(plan(paused)).toMatchObject({ warnings: [] });
});

test('without a previous secret there is nothing to revoke', () => {
  expect(plan(ALONE)).toEqual({
    kind: 'nothing',
    message: 'no previous client secret is valid: nothing to revoke.',
  });
});

test('where the operator has not told what is valid, it is not taken for nothing', () => {
  expect(plan({ observedGeneration: -1 })).toEqual({
    kind: 'refused',
    message: expect.stringContaining('has not told yet'),
  });
});

test('where it is not known whether one is valid, it is not taken for none', () => {
  const unknown = condition('PreviousSecretRetained', 'Unknown', 'SecretConflict', 'Whose is it?');
  expect(plan(withCondition(ALONE, unknown))).toEqual({
    kind: 'refused',
    message: expect.stringContaining('is not known: Whose is it?'),
  });
});

test('that status is older than spec is told, as a rotation may be under way', () => {
  expect(plan(ALONE, {}, 4)).toMatchObject({
    kind: 'nothing',
    message: expect.stringContaining('has not seen the newest spec'),
  });
});

test.for<[string, OIDCApplicationSpec]>([
  ['revokePreviousSecret', { revokePreviousSecret: true }],
  ['revokeRetiredBefore', { revokeRetiredBefore: at(-1) }],
  ['revokeIssuedBefore', { revokeIssuedBefore: at(-9 * DAY) }],
])('what %s asks for already is not asked for again', ([, spec]) => {
  expect(plan(RETAINED, spec)).toEqual({
    kind: 'underway',
    message: expect.stringContaining('version 1'),
    goal: { kind: 'revocation' },
  });
});

test.for<[string, OIDCApplicationSpec]>([
  ['of an earlier revocation', { revokeRetiredBefore: at(-2 * HOUR) }],
  ['of an earlier leak', { revokeIssuedBefore: at(-11 * DAY) }],
  ['that the operator refuses', { revokeRetiredBefore: at(DAY) }],
])('a statement %s does not count', ([, spec]) => {
  expect(plan(RETAINED, spec)).toMatchObject({ kind: 'change', fields: [stated] });
});
