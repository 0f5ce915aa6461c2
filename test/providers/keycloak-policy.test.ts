import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../src/kubernetes/json.ts';
import type { ClientTraits } from '../../src/providers/keycloak/policy-conditions.ts';
import {
  dependsOnRoles,
  parsePolicies,
  type Retention,
  retentionOf,
} from '../../src/providers/keycloak/rotation-policy.ts';

const tenYears = 315_360_000;
const anyClient = { condition: 'any-client', configuration: {} };
const client: ClientTraits = { attributes: { team: 'web' }, roles: ['rotated'] };

interface Policy {
  readonly rotated?: unknown;
  readonly expiration?: unknown;
  readonly conditions?: readonly unknown[];
  readonly change?: JsonObject;
}

/** What Keycloak's admin API would answer for policies with a profile each. */
function answers(policies: readonly Policy[]): { profiles: JsonObject; policies: JsonObject } {
  return {
    profiles: {
      profiles: policies.map(({ rotated = 3600, expiration = tenYears }, index) => ({
        name: `p${index}`,
        executors: [
          { executor: 'secure-session', configuration: {} },
          {
            executor: 'secret-rotation',
            configuration: {
              'expiration-period': expiration,
              'rotated-expiration-period': rotated,
            },
          },
        ],
      })),
    },
    policies: {
      policies: policies.map(({ conditions = [anyClient], change }, index) => ({
        name: `p${index}`,
        enabled: true,
        conditions,
        profiles: [`p${index}`],
        ...change,
      })),
    },
  };
}

function judge(policies: readonly Policy[], traits = client): Retention {
  const { profiles, policies: list } = answers(policies);
  const parsed = parsePolicies(profiles, list);
  if (parsed === undefined) throw new Error('malformed');
  return retentionOf(parsed, traits);
}

const hour: Retention = { kind: 'retained', retainedMs: 3_600_000 };
const none: Retention = {
  kind: 'uncertain',
  problem:
    'no enabled client policy of the realm with the executor secret-rotation applies to the client',
};

function uncertain(problem: string): unknown {
  return { kind: 'uncertain', problem: expect.stringContaining(problem) };
}

function condition(name: string, configuration: JsonObject = {}): JsonObject {
  return { condition: name, configuration };
}

const attributes = (pairs: unknown) =>
  condition('client-attributes', { attributes: JSON.stringify(pairs) });

describe('one policy', () => {
  const doubt = uncertain('the client policy "p0" depends on conditions');
  test.each<[string, Policy, unknown]>([
    ['for any client', {}, hour],
    ['disabled', { change: { enabled: false } }, none],
    ['without conditions', { conditions: [] }, none],
    ['with a profile that does not exist', { change: { profiles: ['p9'] } }, none],
    [
      'for confidential clients',
      {
        conditions: [condition('client-access-type', { type: ['public', 'confidential'] })],
      },
      hour,
    ],
    [
      'for public clients',
      {
        conditions: [condition('client-access-type', { type: ['public'] })],
      },
      none,
    ],
    [
      'for all but public clients',
      {
        conditions: [
          condition('client-access-type', { type: ['public'], 'is-negative-logic': true }),
        ],
      },
      hour,
    ],
    [
      'for no client',
      {
        conditions: [condition('any-client', { 'is-negative-logic': 'true' })],
      },
      none,
    ],
    [
      'for OpenID Connect',
      {
        conditions: [condition('client-type', { protocol: 'openid-connect' })],
      },
      hour,
    ],
    ['for SAML', { conditions: [condition('client-type', { protocol: 'saml' })] }, none],
    [
      'for an attribute that the client has',
      {
        conditions: [attributes([{ key: 'team', value: 'web' }])],
      },
      hour,
    ],
    [
      'for an attribute with another value',
      {
        conditions: [attributes([{ key: 'team', value: 'shop' }])],
      },
      none,
    ],
    [
      'for attributes of which the client lacks one',
      {
        conditions: [
          attributes([
            { key: 'team', value: 'web' },
            { key: 'tier', value: '1' },
          ]),
        ],
      },
      none,
    ],
    ['for attributes in a form unknown', { conditions: [attributes('team=web')] }, doubt],
    [
      'for a role that the client has',
      {
        conditions: [condition('client-roles', { roles: ['other', 'rotated'] })],
      },
      hour,
    ],
    [
      'for another role',
      {
        conditions: [condition('client-roles', { roles: ['other'] })],
      },
      none,
    ],
    [
      'with a condition on requests beside one that applies',
      {
        conditions: [anyClient, condition('grant-type', { grant_types: ['password'] })],
      },
      hour,
    ],
    [
      'the same, strict',
      {
        conditions: [anyClient, condition('grant-type', {})],
        change: { mode: 'STRICT' },
      },
      none,
    ],
    ['with conditions on requests alone', { conditions: [condition('acr-condition')] }, none],
    [
      'that depends on who rotates',
      {
        conditions: [anyClient, condition('client-updater-source-groups', { groups: ['a'] })],
      },
      doubt,
    ],
    [
      'that depends on who rotates, and does not apply anyway',
      {
        conditions: [
          condition('client-updater-context', {}),
          condition('client-access-type', { type: ['public'] }),
        ],
      },
      none,
    ],
    ['with a condition of a later version', { conditions: [condition('made-up')] }, doubt],
    [
      'that retains nothing',
      { rotated: 0 },
      uncertain('"p0" has a rotated-expiration-period of 0'),
    ],
    [
      'with numerals',
      { rotated: '7200', expiration: `${tenYears}` },
      {
        kind: 'retained',
        retainedMs: 7_200_000,
      },
    ],
    ['with a nonsensical period', { rotated: 'soon' }, uncertain('rotated-expiration-period of 0')],
    [
      'that ends current secrets after 90 days',
      { expiration: 7_776_000 },
      uncertain(
        '"p0" ends current secrets too: its expiration-period must be at least 31622400 seconds',
      ),
    ],
    ["with Keycloak's default expiration", { expiration: null }, uncertain('ends current secrets')],
    [
      'with a name that is no name',
      {
        rotated: 0,
        change: { name: '<b>bold</b>\n' },
      },
      uncertain('the client policy (unnamed) has'),
    ],
  ])('%s', (_name, policy, expected) => {
    expect(judge([policy])).toEqual(expected);
  });
});

describe('several policies', () => {
  const doubtful = [condition('client-updater-source-roles', {})];
  test.each<[string, readonly Policy[], unknown]>([
    ['none', [], none],
    ['the last one that applies decides', [{ rotated: 60 }, {}], hour],
    [
      'the last one that applies decides, also against it',
      [{}, { rotated: 0 }],
      uncertain('"p1" has a rotated-expiration-period of 0'),
    ],
    [
      'one that does not apply decides nothing',
      [{}, { rotated: 0, conditions: [condition('acr-condition')] }],
      hour,
    ],
    [
      'after a doubtful one, a certain one decides',
      [{ conditions: doubtful, rotated: 0 }, {}],
      hour,
    ],
    [
      'before a doubtful one, the shorter is certain',
      [{}, { conditions: doubtful, rotated: 60 }],
      { kind: 'retained', retainedMs: 60_000 },
    ],
    [
      'before a doubtful one that retains nothing',
      [{}, { conditions: doubtful, rotated: 0 }],
      uncertain('"p1" has a rotated-expiration-period of 0'),
    ],
  ])('%s', (_name, policies, expected) => {
    expect(judge(policies)).toEqual(expected);
  });
});

test('what is not known of the client makes a policy doubtful', () => {
  const unknown: ClientTraits = { attributes: undefined, roles: undefined };
  for (const conditions of [
    [attributes([{ key: 'team', value: 'web' }])],
    [condition('client-roles', { roles: ['rotated'] })],
  ]) {
    expect(judge([{ conditions }], unknown)).toEqual(uncertain('depends on conditions'));
  }
});

test('roles are needed where a policy that retains secrets asks for them', () => {
  const conditions = [condition('client-roles', { roles: ['a'] })];
  const asked = answers([{}, { conditions }]);
  const unasked = answers([{}, { conditions, change: { enabled: false } }]);
  for (const [{ profiles, policies }, expected] of [
    [asked, true],
    [unasked, false],
  ] as const) {
    const parsed = parsePolicies(profiles, policies);
    expect(parsed && dependsOnRoles(parsed)).toBe(expected);
  }
});

test("the server's global policies come after the realm's", () => {
  const realm = answers([{ rotated: 60 }]);
  const parsed = parsePolicies(
    {
      ...realm.profiles,
      globalProfiles: [
        {
          name: 'global',
          executors: [
            { executor: 'secret-rotation', configuration: { 'expiration-period': tenYears } },
          ],
        },
      ],
    },
    {
      ...realm.policies,
      globalPolicies: [
        {
          name: 'global',
          enabled: true,
          conditions: [anyClient],
          profiles: ['global'],
        },
      ],
    },
  );
  // Keycloak's default of the period, two days.
  const expected = { kind: 'retained', retainedMs: 172_800_000 };
  expect(parsed && retentionOf(parsed, client)).toEqual(expected);
});
