import { describe, expect, test } from 'vitest';
import type { OIDCApplicationSpec } from '../../../src/api/oidcapplication.gen.ts';
import type { Application } from '../../../src/cli/application.ts';
import { planRotation, type RotateOptions } from '../../../src/cli/plans/rotate.ts';
import {
  ALONE,
  application,
  at,
  condition,
  HOUR,
  MINUTE,
  managed,
  NOW,
  RETAINED,
  withCondition,
} from '../applications.ts';

const now = { path: ['rotation', 'rotateAfter'], value: at() };

function plan(
  options: RotateOptions,
  status: Application['status'] = ALONE,
  spec: OIDCApplicationSpec = {},
) {
  return planRotation(application(status, spec), options, NOW);
}

function change(...args: Parameters<typeof plan>) {
  const planned = plan(...args);
  if (planned.kind !== 'change') throw new Error(`nothing is changed: ${planned.message}`);
  return planned;
}

test('rotates now, to the millisecond and in UTC', () => {
  expect(change({})).toEqual({
    kind: 'change',
    fields: [now],
    consequences: ['Version 2 is replaced now, and stays valid for 24h after.'],
    irreversible: false,
    warnings: [],
    goal: { kind: 'rotation', stated: now },
  });
});

test('rotates after the current secret was issued, whatever the clocks say', () => {
  const ahead = { ...ALONE, currentSecret: { version: 2, issuedAt: at(MINUTE) } };
  expect(change({}, ahead).fields).toEqual([{ ...now, value: at(MINUTE + 1) }]);
});

test('--retain sets how long as well', () => {
  const { fields, consequences, irreversible } = change({ retain: '168h' });
  expect(fields).toEqual([now, { path: ['rotation', 'retainPreviousFor'], value: '168h' }]);
  expect(consequences).toEqual([expect.stringContaining('stays valid for 168h')]);
  expect(irreversible).toBe(false);
});

test.for<[string, RotateOptions, OIDCApplicationSpec]>([
  ['--retain none', { retain: '0s' }, {}],
  ['spec', {}, { rotation: { retainPreviousFor: '0s' } }],
])('by %s the current secret ends at once, which cannot be undone', ([, options, spec]) => {
  const { consequences, irreversible } = change(options, ALONE, spec);
  expect(irreversible).toBe(true);
  expect(consequences).toEqual([expect.stringMatching(/Version 2, the current .* consumers fail/)]);
});

test('--retain is stronger than spec', () => {
  const spec = { rotation: { retainPreviousFor: '0s' } };
  expect(change({ retain: '24h' }, ALONE, spec).irreversible).toBe(false);
});

describe('--at', () => {
  test('a time to come plans the rotation', () => {
    const { fields, consequences } = change({ at: at(5 * HOUR) });
    expect(fields).toEqual([{ ...now, value: at(5 * HOUR) }]);
    expect(consequences).toEqual([expect.stringContaining('is replaced in 5h')]);
  });

  test('a time since which the current secret was issued asks for nothing', () => {
    const expected = { kind: 'nothing', message: expect.stringContaining('version 2 was issued') };
    expect(plan({ at: at(-HOUR) })).toEqual(expected);
    expect(plan({ at: at(-2 * HOUR) })).toEqual(expected);
    expect(change({ at: at(-HOUR + 1) }).fields).toEqual([{ ...now, value: at(-HOUR + 1) }]);
  });
});

describe('what is told before', () => {
  test('retaining none stays in spec', () => {
    const lasting = expect.stringMatching(/later rotations retain nothing either.* it was 24h\.$/);
    expect(change({ retain: '0s' }).warnings).toEqual([lasting]);
    const none = { rotation: { retainPreviousFor: '0s' } };
    expect(change({ retain: '0s' }, ALONE, none).warnings).toEqual([]);
    expect(change({ retain: '1h' }).warnings).toEqual([]);
  });

  test('a rotation that was planned is given up', () => {
    const spec = { rotation: { rotateAfter: at(HOUR) } };
    expect(change({}, ALONE, spec).warnings).toEqual([expect.stringContaining(at(HOUR))]);
    expect(change({}, ALONE, { rotation: { rotateAfter: at(-HOUR) } }).warnings).toEqual([]);
  });

  test('it is held while the previous secret is retained', () => {
    expect(change({}, RETAINED).warnings).toEqual([
      expect.stringMatching(/version 1 .* held until then\. "kubectl keyturn revoke web"/),
    ]);
    expect(change({ at: at(22 * HOUR) }, RETAINED).warnings).toHaveLength(1);
    expect(change({ at: at(23 * HOUR) }, RETAINED).warnings).toEqual([]);
  });

  test('it is held while the application is suspended', () => {
    const { warnings } = change({}, ALONE, { suspend: true });
    expect(warnings).toEqual([expect.stringContaining('spec.suspend is true')]);
  });

  test('it is held while the operator rotates nothing', () => {
    const held = withCondition(ALONE, condition('RotationHeld', 'True', 'RotationsPaused'));
    expect(change({}, held).warnings).toEqual([expect.stringContaining('--pause-rotations')]);
  });
});

describe('what is refused', () => {
  test('without a secret there is nothing to rotate, but a rotation can be planned', () => {
    expect(plan({}, {})).toMatchObject({ kind: 'refused' });
    expect(change({ at: at(HOUR) }, {}).consequences).toEqual([
      expect.stringContaining('The client secret is replaced in 1h'),
    ]);
  });

  test('revokePreviousSecret would cut off the replaced secret: who set it is named', () => {
    const managedFields = [managed('argocd-controller', 'Apply', 'revokePreviousSecret')];
    const standing = application(ALONE, { revokePreviousSecret: true }, { managedFields });
    const refused = planRotation(standing, {}, NOW);
    expect(refused).toEqual({
      kind: 'refused',
      message: expect.stringMatching(/"argocd-controller".* 24h.* --retain none/),
    });
    expect(planRotation(standing, { retain: '0s' }, NOW)).toMatchObject({ kind: 'change' });
  });

  test('a spec that cannot be read', () => {
    expect(plan({}, ALONE, { rotation: { every: 'monthly' } })).toEqual({
      kind: 'refused',
      message: expect.stringContaining('spec.rotation.every'),
    });
  });
});
