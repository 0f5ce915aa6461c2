import { expect, test } from 'vitest';
import { nearest } from '../../src/cli/nearest.ts';

const names = ['api', 'web', 'web-admin', 'webhooks', 'checkout'];

test.for<[string, string | undefined]>([
  ['wbe', 'web'],
  ['webb', 'web'],
  ['wep', 'web'],
  ['we', 'web'],
  ['web-amdin', 'web-admin'],
  ['web_admin', 'web-admin'],
  ['chekout', 'checkout'],
  ['chekcouts', 'checkout'],
  ['web', 'web'],
  ['shop', undefined],
  ['payments', undefined],
  ['', undefined],
])('%s was meant for %s', ([wanted, expected]) => {
  expect(nearest(wanted, names)).toBe(expected);
});

test('of two that are as near, the first of the alphabet', () => {
  expect(nearest('wab', ['web', 'wib'])).toBe('web');
  expect(nearest('wab', [])).toBeUndefined();
});
