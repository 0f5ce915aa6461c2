import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { parseClient } from '../../src/providers/keycloak/client.ts';

const representation = {
  id: 'fe6fa0ca-f5dd-4257-8d24-2c67dd080086',
  clientId: 'web',
  protocol: 'openid-connect',
  clientAuthenticatorType: 'client-secret',
  secret: 'current',
  publicClient: false,
  bearerOnly: false,
  access: { view: true, configure: true, manage: true },
  attributes: {
    'client.secret.creation.time': '1795569290',
    'client.secret.rotated': 'previous',
    'client.secret.rotated.creation.time': '1795569290',
    'client.secret.rotated.expiration.time': '1795569310',
  },
};

test('reads both secrets, and the expiry as milliseconds', () => {
  const client = parseClient(representation);
  expect(client?.id).toBe(representation.id);
  expect(client?.secret.revealText()).toBe('current');
  expect(client?.rotated?.value.revealText()).toBe('previous');
  expect(client?.rotated?.expiresAt).toBe(1_795_569_310_000);
});

test.each([
  ['client.secret.rotated', undefined],
  ['client.secret.rotated', ''],
  ['client.secret.rotated.creation.time', undefined],
  ['client.secret.rotated.expiration.time', undefined],
  ['client.secret.rotated.expiration.time', ''],
  ['client.secret.rotated.expiration.time', '-1'],
])('without a proper %s there is no valid previous secret', (attribute, value) => {
  const attributes = { ...representation.attributes, [attribute]: value };
  expect(parseClient({ ...representation, attributes })?.rotated).toBeUndefined();
});

test.each([
  ['that is no object', 'client'],
  ['without an ID', { ...representation, id: undefined }],
])('an answer %s is malformed', (_name, answer) => {
  expect(parseClient(answer)).toBeUndefined();
});

test.each([
  ['masked', { secret: '**********' }, 'ProviderForbidden'],
  ['not to be managed', { access: { view: true, configure: false } }, 'ProviderForbidden'],
  ['missing', { secret: undefined }, 'NotConfidentialClient'],
  ['empty', { secret: '' }, 'NotConfidentialClient'],
])('a secret that is %s is none to publish', (_name, changes, reason) => {
  expect(() => parseClient({ ...representation, ...changes })).toThrow(
    expect.objectContaining({ reason }),
  );
});

test('does not show its secrets when it is printed', () => {
  const client = parseClient(representation);
  for (const printed of [inspect(client, { depth: 10 }), JSON.stringify(client)]) {
    expect(printed).toContain('1795569290');
    expect(printed).not.toMatch(/current\b|previous\b/);
  }
});
