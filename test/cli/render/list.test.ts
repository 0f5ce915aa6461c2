import { describe, expect, test } from 'vitest';
import type { OIDCApplicationSpec } from '../../../src/api/oidcapplication.gen.ts';
import type { Application } from '../../../src/cli/application.ts';
import { type Filters, overdueReason, passes } from '../../../src/cli/filters.ts';
import { renderList } from '../../../src/cli/render/list.ts';
import { type Paint, plain } from '../../../src/cli/terminal.ts';
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

const held = withCondition(RETAINED, condition('RotationHeld', 'True', 'PreviousSecretRetained'));
const pending = withCondition(
  RETAINED,
  condition('PreviousSecretRetained', 'True', 'RevocationPending'),
);
const stray = withCondition(ALONE, condition('PreviousSecretRetained', 'True', 'RevocationFailed'));
const expired = {
  ...RETAINED,
  previousSecret: { version: 1, issuedAt: at(-9), retiredAt: at(-8), expiresAt: at(-MINUTE) },
};
const unready = withCondition(ALONE, condition('Ready', 'False', 'SecretConflict'));

const paintless = { now: NOW, paint: plain };

test('a line each, in columns', () => {
  const shown = [
    application(ALONE, {}, { name: 'api' }),
    application({ ...held, nextRotationTime: at(30 * DAY) }, {}, { name: 'checkout' }),
    application(pending, {}, { name: 'web' }),
    application(unready, {}, { name: 'taken' }),
    application({}, {}, { name: 'new' }),
  ];
  expect(renderList(shown, { ...paintless, withNamespace: false })).toBe(
    [
      'NAME       READY     VERSION   ISSUED   PREVIOUS   ENDS     NEXT ROTATION   NOTE',
      'api        True      2         1h ago',
      'checkout   True      2         1h ago   1          in 23h   in 30d          PreviousSecretRetained',
      'web        True      2         1h ago   1          in 23h                   RevocationPending',
      'taken      False     2         1h ago                                       SecretConflict',
      'new        Unknown',
      '',
    ].join('\n'),
  );
});

test('with the namespace where several are listed', () => {
  const [header, line] = renderList([application()], { ...paintless, withNamespace: true }).split(
    '\n',
  );
  expect(header).toMatch(/^NAMESPACE {3}NAME /);
  expect(line).toMatch(/^shop {8}web /);
});

test('a previous secret that outlived its expiry is noted', () => {
  const text = renderList([application(expired)], { ...paintless, withNamespace: false });
  expect(text).toContain('1m ago');
  expect(text).toContain('RevocationPending');
});

test('colours do not move the columns', () => {
  const marked: Paint = (style, text) => `<${style}>${text}</>`;
  const options = { now: NOW, paint: marked, withNamespace: false };
  const text = renderList([application(unready), application(pending)], options);
  expect(text).toContain('<red>False</>');
  expect(text).toContain('<yellow>RevocationPending</>');
  const without = text.replaceAll(/<\w*\/?>|<\/>/g, '');
  expect(without).toBe(
    renderList([application(unready), application(pending)], { ...options, paint: plain }),
  );
});

describe('overdue, of the current secret too', () => {
  const due = { ...ALONE, nextRotationTime: at() };
  const leaked = { revokeIssuedBefore: at(-HOUR + 1) };
  const suspended = withCondition(due, condition('RotationHeld', 'True', 'Suspended'));

  const stalled = withCondition(ALONE, condition('Stalled', 'True', 'InvalidSpec'));
  const unreadable = withCondition(
    { ...RETAINED, currentSecret: { version: 2, issuedAt: at() } },
    condition('PreviousSecretRetained', 'Unknown', 'SecretMalformed'),
  );

  test.for<[string, Application['status'], OIDCApplicationSpec, string | undefined]>([
    ['a rotation that is due', due, {}, 'RotationOverdue'],
    ['a rotation to come', { ...ALONE, nextRotationTime: at(1) }, {}, undefined],
    ['a rotation that is held', suspended, {}, undefined],
    ['issued before revokeIssuedBefore', ALONE, leaked, 'RevocationPending'],
    ['the same while suspended', suspended, leaked, 'RevocationPending'],
    ['issued at revokeIssuedBefore', ALONE, { revokeIssuedBefore: at(-HOUR) }, undefined],
    ['refused, for it lies ahead', ALONE, { revokeIssuedBefore: at(HOUR) }, undefined],
    ['the same, refused by the operator', stalled, leaked, undefined],
    ['a previous one from before it, and unreadable', unreadable, leaked, 'RevocationPending'],
    [
      'a previous one that spec ends',
      RETAINED,
      { revokePreviousSecret: true },
      'RevocationPending',
    ],
    ['retired before', RETAINED, { revokeRetiredBefore: at() }, 'RevocationPending'],
    ['retired later', RETAINED, { revokeRetiredBefore: at(-HOUR) }, undefined],
    ['both', { ...pending, nextRotationTime: at() }, leaked, 'RevocationPending'],
  ])('%s', ([, status, spec, reason]) => {
    const shown = application(status, spec);
    expect(overdueReason(shown, NOW)).toBe(reason);
    expect(passes(shown, { overdue: true }, NOW)).toBe(reason !== undefined);
    const text = renderList([shown], { ...paintless, withNamespace: false });
    expect(text).toContain(reason ?? '');
  });
});

test('a revocation that is held is noted, and not overdue', () => {
  const shown = application(
    withCondition(RETAINED, condition('PreviousSecretRetained', 'True', 'RevocationHeld')),
    { revokePreviousSecret: true },
  );
  expect(passes(shown, { overdue: true }, NOW)).toBe(false);
  expect(renderList([shown], { ...paintless, withNamespace: false })).toContain('RevocationHeld');
});

describe('filters', () => {
  const all = { alone: ALONE, retained: RETAINED, held, pending, stray, expired };

  function passing(filters: Filters, now = NOW): string[] {
    return Object.entries(all)
      .filter(([, status]: [string, Application['status']]) =>
        passes(application(status), filters, now),
      )
      .map(([name]) => name);
  }

  test.for<[string, Filters, readonly string[]]>([
    ['none', {}, Object.keys(all)],
    ['--retained', { retained: true }, ['retained', 'held', 'pending', 'stray', 'expired']],
    ['--overdue', { overdue: true }, ['pending', 'stray', 'expired']],
    ['--held', { held: true }, ['held']],
    [
      '--expiring-within 23h',
      { expiringWithin: 23 * HOUR },
      ['retained', 'held', 'pending', 'expired'],
    ],
    ['--expiring-within 22h', { expiringWithin: 22 * HOUR }, ['expired']],
    ['--held --overdue', { held: true, overdue: true }, []],
    ['--retained --held', { retained: true, held: true }, ['held']],
  ])('%s', ([, filters, expected]) => {
    expect(passing(filters)).toEqual(expected);
  });

  test('a retained secret is overdue from its expiry on', () => {
    expect(passing({ overdue: true }, NOW + 23 * HOUR - 1)).not.toContain('retained');
    expect(passing({ overdue: true }, NOW + 23 * HOUR)).toContain('retained');
  });
});
