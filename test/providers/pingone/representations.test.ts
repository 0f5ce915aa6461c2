import { expect, test } from 'vitest';
import { parseSecrets } from '../../../src/providers/pingone/representations.ts';

const NOW = Date.parse('2026-11-24T10:00:00Z');
const LATER = '2026-12-02T13:54:34.487Z';

function parse(answer: unknown) {
  return parseSecrets(JSON.stringify(answer), NOW);
}

test('it reads the documented answer', () => {
  const pair = parse({
    _links: { self: { href: 'https://api.pingone.eu/v1/x' } },
    environment: { id: 'e' },
    secret: 'new',
    previous: { secret: 'old', expiresAt: LATER, lastUsed: '2026-11-24T09:00:00Z' },
  });
  expect(pair?.current.revealText()).toBe('new');
  expect(pair?.previous?.value?.revealText()).toBe('old');
  expect(pair?.previous?.expiresAt).toBe(Date.parse(LATER));
  expect(pair?.previous?.lastUsedAt).toBe(Date.parse('2026-11-24T09:00:00Z'));
});

test.each([undefined, null])('a previous of %s is none', (previous) => {
  expect(parse({ secret: 'new', previous })).toMatchObject({ previous: undefined });
});

test.each([
  ['no object', 'text'],
  ['no secret', {}],
  ['an empty secret', { secret: '' }],
  ['a secret that is no string', { secret: 1 }],
  ['a secret that is too long', { secret: 'x'.repeat(5000) }],
  ['a previous that is no object', { secret: 'new', previous: 'old' }],
  ['a previous without expiry', { secret: 'new', previous: { secret: 'old' } }],
  ['an expiry that is no time', { secret: 'new', previous: { secret: 'old', expiresAt: 'soon' } }],
  ['an expiry that is a number', { secret: 'new', previous: { secret: 'old', expiresAt: NOW } }],
  ['a previous secret of null', { secret: 'new', previous: { secret: null, expiresAt: LATER } }],
])('%s is malformed: it is not taken for a revoked secret', (_name, answer) => {
  expect(parse(answer)).toBeUndefined();
});

test('a previous secret that is not shown has expired, if its expiry is past', () => {
  const shown = { secret: 'new', previous: { expiresAt: '2026-11-24T10:00:29Z' } };
  expect(parse(shown)).toMatchObject({ previous: undefined });
  const hidden = { secret: 'new', previous: { expiresAt: '2026-11-24T10:00:31Z' } };
  expect(parse(hidden)?.previous).toMatchObject({ value: undefined });
});

test('a previous secret that is shown is valid, whatever our clock says', () => {
  const previous = { secret: 'old', expiresAt: '2026-11-24T09:00:00Z' };
  expect(parse({ secret: 'new', previous })?.previous?.value?.revealText()).toBe('old');
});

test('a last use that is no time is not known', () => {
  const previous = { secret: 'old', expiresAt: LATER, lastUsed: 'never' };
  expect(parse({ secret: 'new', previous })?.previous?.lastUsedAt).toBeUndefined();
});
