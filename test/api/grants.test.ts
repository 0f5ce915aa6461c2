import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { coverageOf, matchesClientID } from '../../src/api/grants.ts';
import type { Grant, LabelSelector } from '../../src/api/oidcprovider.gen.ts';

describe('a pattern names a client for a namespace', () => {
  test.for<readonly [pattern: string, namespace: string, clientID: string, names: boolean]>([
    ['web', 'shop', 'web', true],
    ['web', 'shop', 'Web', false],
    ['web', 'shop', 'web2', false],
    ['*', 'shop', 'anything at all', true],
    ['web-*', 'shop', 'web-1', true],
    ['web-*', 'shop', 'web-', true],
    ['web-*', 'shop', 'web', false],
    ['*-web', 'shop', 'my-web', true],
    ['*-web', 'shop', 'my-web2', false],
    ['a*a', 'shop', 'aa', true],
    ['a*a', 'shop', 'a', false],
    ['a.c', 'shop', 'abc', false],
    ['a+', 'shop', 'aaa', false],
    ['{namespace}', 'shop', 'shop', true],
    ['{namespace}', 'shop', 'blog', false],
    ['{namespace}', 'shop', '{namespace}', false],
    ['{namespace}.*', 'shop', 'shop.web', true],
    ['{namespace}.*', 'shop', 'shop-eu.web', false],
    ['*/{namespace}', 'shop', 'web/shop', true],
    ['*/{namespace}', 'shop', 'web/my-shop', false],
    ['{namespace}-{namespace}', 'shop', 'shop-shop', true],
    ['{namespace}-x.*.{namespace}', 'shop', 'shop-x.1.shop', true],
  ])('%s for %s and %s: %s', ([pattern, namespace, clientID, names]) => {
    expect(matchesClientID(pattern, namespace, clientID)).toBe(names);
  });

  test.for([
    '{namespace}*',
    '{namespace}-*',
    '*-{namespace}',
    '{namespace}.*-{namespace}',
    'shop*-*',
    '{ns}*',
    '{namespace',
  ])('%s, which admission refuses, names none', (pattern) => {
    for (const clientID of ['shop', 'shop-web', 'web-shop', 'shop.web-shop', pattern]) {
      expect(matchesClientID(pattern, 'shop', clientID)).toBe(false);
    }
  });
});

const namespaces = fc.stringMatching(/^[a-z0-9]([-a-z0-9]{0,5}[a-z0-9])?$/);
const literals = fc.stringMatching(/^[-.a-z/]{0,4}$/);

/** Patterns with the namespace and a wildcard, and what could be in place of the wildcard. */
const wildcards = fc
  .tuple(fc.boolean(), literals, literals, literals)
  .map(([first, before, between, after]) => {
    const [one, other] = first ? ['{namespace}', '*'] : ['*', '{namespace}'];
    return `${before}${one}${between}${other}${after}`;
  });

test('no pattern gives one namespace a client of another one by accident', () => {
  fc.assert(
    fc.property(wildcards, namespaces, namespaces, literals, (pattern, one, other, filling) => {
      fc.pre(one !== other);
      const clientID = pattern.replaceAll('{namespace}', one).replace('*', filling);
      const both = [one, other].every((namespace) => matchesClientID(pattern, namespace, clientID));
      expect(both).toBe(false);
    }),
    { numRuns: 2000 },
  );
});

test('of namespaces that begin alike, none gets the clients of the other', () => {
  const alike = fc.tuple(namespaces, namespaces).map(([a, b]) => [a, `${a}-${b}`] as const);
  fc.assert(
    fc.property(wildcards, alike, literals, (pattern, [one, other], filling) => {
      for (const [owner, stranger] of [
        [one, other],
        [other, one],
      ] as const) {
        const clientID = pattern.replaceAll('{namespace}', owner).replace('*', filling);
        const both = [owner, stranger].every((name) => matchesClientID(pattern, name, clientID));
        expect(both).toBe(false);
      }
    }),
    { numRuns: 2000 },
  );
});

describe('grants cover a namespace and a client', () => {
  const request = { namespace: 'shop', labels: { team: 'web' }, clientID: 'web' };
  const named: Grant = { namespaces: ['shop'], clientIDs: ['web'] };
  const selected = (namespaceSelector: LabelSelector): Grant => ({
    namespaceSelector,
    clientIDs: ['web'],
  });

  test.for<readonly [string, readonly Grant[], 'covered' | 'uncovered' | 'unknown']>([
    ['none', [], 'uncovered'],
    ['by name', [named], 'covered'],
    ['of another namespace', [{ ...named, namespaces: ['blog'] }], 'uncovered'],
    ['of another client', [{ ...named, clientIDs: ['blog'] }], 'uncovered'],
    ['one of two', [{ ...named, namespaces: ['blog'] }, named], 'covered'],
    [
      'half of each of two',
      [
        { ...named, clientIDs: ['x'] },
        { ...named, namespaces: ['y'] },
      ],
      'uncovered',
    ],
    ['by an empty selector', [selected({})], 'covered'],
    ['by a label', [selected({ matchLabels: { team: 'web' } })], 'covered'],
    ['by another value', [selected({ matchLabels: { team: 'api' } })], 'uncovered'],
  ])('%s', ([, grants, coverage]) => {
    expect(coverageOf(grants, request)).toBe(coverage);
  });

  test.for<
    readonly [
      operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist',
      string,
      string[] | undefined,
      boolean,
    ]
  >([
    ['In', 'team', ['api', 'web'], true],
    ['In', 'team', ['api'], false],
    ['In', 'env', ['api'], false],
    ['NotIn', 'team', ['api'], true],
    ['NotIn', 'team', ['web'], false],
    ['NotIn', 'env', ['web'], true],
    ['Exists', 'team', undefined, true],
    ['Exists', 'env', undefined, false],
    ['Exists', 'constructor', undefined, false],
    ['DoesNotExist', 'team', undefined, false],
    ['DoesNotExist', 'env', undefined, true],
  ])('%s %s %s: %s', ([operator, key, values, covered]) => {
    const requirement = { key, operator, ...(values !== undefined && { values }) };
    const grants = [selected({ matchExpressions: [requirement] })];
    expect(coverageOf(grants, request)).toBe(covered ? 'covered' : 'uncovered');
  });

  test('all conditions of a selector must hold', () => {
    const grants = [
      selected({
        matchLabels: { team: 'web' },
        matchExpressions: [{ key: 'env', operator: 'Exists' }],
      }),
    ];
    expect(coverageOf(grants, request)).toBe('uncovered');
    const labels = { team: 'web', env: 'test' };
    expect(coverageOf(grants, { ...request, labels })).toBe('covered');
  });

  test('while labels are not known, nothing is covered or refused by them', () => {
    const unknown = { ...request, labels: undefined };
    expect(coverageOf([selected({})], unknown)).toBe('unknown');
    expect(coverageOf([selected({}), named], unknown)).toBe('covered');
    expect(coverageOf([{ ...selected({}), clientIDs: ['x'] }], unknown)).toBe('uncovered');
  });
});
