import { describe, expect, test } from 'vitest';
import type { ConditionType } from '../../src/api/conditions.ts';
import type { OIDCApplicationSpec } from '../../src/api/oidcapplication.gen.ts';
import type { Application } from '../../src/cli/application.ts';
import type { Goal } from '../../src/cli/goals/goal.ts';
import { progressOf } from '../../src/cli/goals/progress.ts';
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
} from './applications.ts';

const ROTATION: Goal = { kind: 'rotation' };
const REVOCATION: Goal = { kind: 'revocation' };
const SETTLED: Goal = { kind: 'settled' };
const ALL = [ROTATION, REVOCATION, SETTLED];

function progress(
  goal: Goal,
  status: Application['status'],
  spec: OIDCApplicationSpec = {},
  metadata: Partial<Application['metadata']> = {},
) {
  return progressOf(application(status, spec, metadata), goal, {
    now: NOW,
    deadline: NOW + 5 * MINUTE,
  });
}

const reached = { kind: 'reached' };
const pending = (text: string) => ({ kind: 'pending', message: expect.stringContaining(text) });
const blocked = (text: string) => ({ kind: 'blocked', message: expect.stringContaining(text) });
const rotating = (ms: number) => ({ rotation: { rotateAfter: at(ms) } });
const stalled = condition('Stalled', 'True', 'SecretConflict', 'Secret web is taken.');

test.for(ALL)('$kind: where spec asks for nothing more, it is reached', (goal) => {
  expect(progress(goal, ALONE)).toEqual(reached);
  expect(progress(goal, RETAINED, rotating(-HOUR))).toEqual(reached);
});

test.for(ALL)('$kind: not before the operator has seen the newest spec', (goal) => {
  expect(progress(goal, ALONE, {}, { generation: 4 })).toEqual(pending('newest spec'));
  expect(progress(goal, {})).toEqual(pending('newest spec'));
});

test.for(ALL)('$kind: waiting for an application that is being deleted is of no use', (goal) => {
  expect(progress(goal, ALONE, {}, { deletionTimestamp: at() })).toEqual(blocked('deleted'));
});

test.for(ALL)('$kind: a spec that cannot be read', (goal) => {
  expect(progress(goal, ALONE, { rotation: { every: 'monthly' } })).toEqual(blocked('every'));
});

describe('rotation', () => {
  test('is reached once the current secret is as new as rotateAfter', () => {
    expect(progress(ROTATION, ALONE, rotating(-HOUR + 1))).toEqual(pending('not happened'));
    expect(progress(ROTATION, ALONE, rotating(-HOUR))).toEqual(reached);
    expect(progress(ROTATION, { observedGeneration: 3 }, rotating(-HOUR))).toMatchObject({
      kind: 'pending',
    });
  });

  test('of a time to come is waited for if it comes in time', () => {
    expect(progress(ROTATION, ALONE, rotating(MINUTE))).toEqual(pending(at(MINUTE)));
    expect(progress(ROTATION, ALONE, rotating(6 * MINUTE))).toEqual(blocked(at(6 * MINUTE)));
    expect(progress(SETTLED, ALONE, rotating(MINUTE))).toEqual(reached);
  });

  test.for(['Suspended', 'RotationsPaused', 'RevokePreviousSecretIsTrue'])(
    'that is held for %s: somebody has to change something',
    (reason) => {
      const held = withCondition(ALONE, condition('RotationHeld', 'True', reason));
      expect(progress(ROTATION, held, rotating(0))).toEqual(blocked(reason));
      expect(progress(SETTLED, held, { rotation: { every: '1h' } })).toEqual(blocked(reason));
    },
  );

  test('that is held by what is retained is waited for if that ends in time', () => {
    const held = withCondition(
      RETAINED,
      condition('RotationHeld', 'True', 'PreviousSecretRetained'),
    );
    expect(progress(ROTATION, held, rotating(0))).toEqual(blocked('PreviousSecretRetained'));
    const previousSecret = { ...RETAINED.previousSecret, version: 1, issuedAt: at(-DAY) };
    const soon = { ...previousSecret, retiredAt: at(-HOUR), expiresAt: at(MINUTE) };
    expect(progress(ROTATION, { ...held, previousSecret: soon }, rotating(0))).toEqual(
      pending('PreviousSecretRetained'),
    );
  });

  test('that failed tells why', () => {
    const failing = withCondition(ALONE, condition('Ready', 'False', 'SecretWriteFailed', 'quota'));
    expect(progress(ROTATION, failing, rotating(0))).toEqual(pending('quota'));
  });

  test('does not need what spec asks for beside it', () => {
    expect(progress(ROTATION, RETAINED, { revokePreviousSecret: true })).toEqual(reached);
  });
});

describe('revocation', () => {
  test.for<[string, OIDCApplicationSpec, OIDCApplicationSpec]>([
    ['revokePreviousSecret', { revokePreviousSecret: true }, { revokePreviousSecret: false }],
    ['revokeRetiredBefore', { revokeRetiredBefore: at() }, { revokeRetiredBefore: at(-HOUR) }],
    [
      'revokeIssuedBefore',
      { revokeIssuedBefore: at(-HOUR) },
      { revokeIssuedBefore: at(-10 * DAY) },
    ],
  ])('%s: the previous secret must have ended', ([, asking, satisfied]) => {
    expect(progress(REVOCATION, RETAINED, asking)).toEqual(pending('version 1 is still valid'));
    expect(progress(SETTLED, RETAINED, asking)).toEqual(pending('version 1 is still valid'));
    expect(progress(REVOCATION, RETAINED, satisfied)).toEqual(reached);
    expect(progress(REVOCATION, ALONE, asking)).toEqual(reached);
  });

  test('revokeIssuedBefore: the current secret must have been replaced', () => {
    const spec = { revokeIssuedBefore: at(-HOUR + 1) };
    expect(progress(REVOCATION, ALONE, spec)).toEqual(pending('version 2 is still valid'));
    const suspended = withCondition(ALONE, condition('Ready', 'False', 'Suspended'));
    expect(progress(REVOCATION, suspended, spec)).toEqual(blocked('Suspended'));
  });

  test('a boundary that the operator refuses asks for nothing', () => {
    expect(progress(REVOCATION, ALONE, { revokeIssuedBefore: at(HOUR) })).toEqual(reached);
  });

  test('what failed tells why', () => {
    const reason = condition('PreviousSecretRetained', 'True', 'RevocationFailed', 'no right');
    const spec = { revokeRetiredBefore: at() };
    expect(progress(REVOCATION, withCondition(RETAINED, reason), spec)).toEqual(
      pending('no right'),
    );
  });

  test('what somebody put there must have gone too', () => {
    const stray = condition('PreviousSecretRetained', 'True', 'RevocationPending', 'a stray');
    expect(progress(REVOCATION, withCondition(ALONE, stray))).toEqual(pending('a stray'));
  });

  test('does not need a rotation that spec asks for beside it', () => {
    expect(progress(REVOCATION, ALONE, rotating(0))).toEqual(reached);
    expect(progress(SETTLED, ALONE, rotating(0))).toEqual(pending('not happened'));
  });
});

test('settled: the current secret is published', () => {
  const ready = condition('Ready', 'False', 'NotPublished', 'not yet');
  expect(progress(SETTLED, withCondition(ALONE, ready))).toEqual(pending('not yet'));
  expect(progress(ROTATION, withCondition(ALONE, ready))).toEqual(reached);
});

describe('Stalled', () => {
  test('ends waiting', () => {
    const status = withCondition(ALONE, stalled);
    expect(progress(ROTATION, status, rotating(0))).toEqual(blocked('Secret web is taken'));
    const ready: Goal = { kind: 'condition', type: 'RotationHeld', status: 'True' };
    expect(progress(ready, status)).toEqual(blocked('Secret web is taken'));
  });

  test('does not deny what is reached, and can be waited for', () => {
    const status = withCondition(ALONE, stalled);
    expect(progress(ROTATION, status, rotating(-HOUR))).toEqual(reached);
    expect(progress({ kind: 'condition', type: 'Stalled', status: 'True' }, status)).toEqual(
      reached,
    );
    expect(progress({ kind: 'condition', type: 'Stalled', status: 'False' }, status)).toEqual(
      pending('Secret web is taken'),
    );
  });
});

describe('what a command has set', () => {
  const stated = { path: ['rotation', 'rotateAfter'], value: at() };

  test('is waited for by its own time, even once spec asks for more', () => {
    const goal: Goal = { kind: 'rotation', stated };
    const rotated = { ...ALONE, currentSecret: { version: 3, issuedAt: at(1) } };
    expect(progress(goal, rotated, rotating(2))).toEqual(reached);
    expect(progress(goal, ALONE, rotating(0))).toEqual(pending('not happened'));
  });

  test('is given up once somebody set it back', () => {
    expect(progress({ kind: 'rotation', stated }, ALONE, rotating(-HOUR))).toEqual(
      blocked('spec.rotation.rotateAfter'),
    );
    const before = { path: ['revokeRetiredBefore'], value: at() };
    expect(progress({ kind: 'revocation', stated: before }, RETAINED)).toEqual(
      blocked('spec.revokeRetiredBefore'),
    );
  });
});

test.for<[ConditionType, string, boolean]>([
  ['Ready', 'True', true],
  ['Ready', 'true', true],
  ['Ready', 'False', false],
  ['PreviousSecretRetained', 'False', true],
  ['RotationHeld', 'False', true],
  ['RotationHeld', 'True', false],
])('condition %s=%s: %s', ([type, status, expected]) => {
  const goal: Goal = { kind: 'condition', type, status };
  expect(progress(goal, ALONE).kind).toBe(expected ? 'reached' : 'pending');
});
