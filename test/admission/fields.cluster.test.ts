import { expect, test } from 'vitest';
import { testNamespace } from '../setup/cluster.ts';
import { application, create, type Fields, verdict } from './server.ts';

/** A field of spec, a value, and either accepted or what the refusal must say beside the field. */
type Row = readonly [field: string, value: unknown, ...verdict: readonly string[]];

const ok = 'accepted';
const name253 = `${'a'.repeat(251)}.b`;
const everyBounds = ['10m', '8760h', 'whole hours, minutes and seconds', 'a day is 24h'];
const retainBounds = ['0s (do not retain)', '1m', '720h', 'a day is 24h'];
const rfc3339 = ['a time that exists', '2026-11-24T10:00:00Z'];
const secretKey = ["letters, digits, '-', '_' and '.'"];
const labelKey = ['up to 63 letters', 'an optional DNS name'];
const keys = (of: Fields) => ({ keys: of });
const maximum = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, at) => [`example.com/k${at}`, 'v']));

const clientID: Row[] = [
  ['clientID', 'web-shop', ok],
  ['clientID', 'https://shop.example/web app?x=~', ok],
  ['clientID', 'x'.repeat(255), ok],
  ['clientID', 'x'.repeat(256), 'Too long', '255'],
  ['clientID', '', 'at least 1', '1 to 255'],
  ['clientID', ' web', '1 to 255 visible ASCII characters', 'no space at the beginning or the end'],
  ['clientID', 'web ', '1 to 255 visible ASCII characters', 'no space at the beginning or the end'],
  ['clientID', 'web\n', '1 to 255 visible ASCII characters'],
  ['clientID', 'wéb', '1 to 255 visible ASCII characters'],
  ['clientID', 7, 'must be of type string'],
];

const providerRef: Row[] = [
  ['providerRef', { kind: 'OIDCProvider', name: 'keycloak' }, ok],
  ['providerRef', { kind: 'ClusterOIDCProvider', name: name253 }, ok],
  ['providerRef', { kind: 'Vault', name: 'x' }, '.kind', '"OIDCProvider", "ClusterOIDCProvider"'],
  ['providerRef', { name: 'keycloak' }, '.kind: Required value'],
  ['providerRef', { kind: 'OIDCProvider' }, '.name: Required value'],
  ['providerRef', { kind: 'OIDCProvider', name: '' }, '.name', 'at least 1'],
  ['providerRef', { kind: 'OIDCProvider', name: 'Key_cloak' }, '.name', 'lower-case letters'],
  ['providerRef', { kind: 'OIDCProvider', name: `${name253}c` }, '.name', 'Too long', '253'],
  ['providerRef', { kind: 'OIDCProvider', name: 'x', namespace: 'y' }, '.namespace', 'unknown'],
];

const secret: Row[] = [
  ['secret.name', 'web-oidc', ok],
  ['secret.name', name253, ok],
  ['secret.name', `${name253}c`, 'Too long', '253'],
  ['secret.name', '', 'at least 1', 'lower-case letters'],
  ['secret.name', 'Web', "lower-case letters, digits, '-' and '.'"],
  ['secret.name', 'web_oidc', "lower-case letters, digits, '-' and '.'"],
  ['secret.name', '-web', 'beginning and ending with a letter or digit'],
  ['secret.name', 'web..oidc', 'lower-case letters'],
  ['secret', keys({ clientID: 'CLIENT_ID', clientSecret: 'CLIENT_SECRET' }), ok],
  ['secret', keys({ clientID: '.env', clientSecret: 'a..b', previousClientSecret: '-' }), ok],
  ['secret.keys.clientID', 'k'.repeat(253), ok],
  ['secret.keys.clientID', 'k'.repeat(254), 'Too long', '253'],
  ['secret.keys.clientID', '', 'at least 1', ...secretKey],
  ['secret.keys.clientID', 'client/id', ...secretKey],
  ['secret.keys.clientSecret', '.', ...secretKey],
  ['secret.keys.clientSecret', '..data', "not beginning with '..'"],
  ['secret.keys.previousClientSecret', 'a b', ...secretKey],
  ['secret.keys', { clientID: 'x', clientSecret: 'x' }, 'must differ', 'clientSecret: x'],
  ['secret.keys', { clientID: 'client-secret' }, 'must differ', 'clientID: client-secret'],
  ['secret.keys', { previousClientSecret: 'client-secret' }, 'must differ'],
  ['secret.keys', { previousClientSecret: 'client-id' }, 'must differ'],
  ['secret.keys.issuer', 'OIDC_ISSUER_URL', ok],
  ['secret.keys.issuer', 'a/b', ...secretKey],
  ['secret.keys.issuer', '', 'at least 1', ...secretKey],
  ['secret.keys', { issuer: 'client-id' }, 'must differ', 'issuer: client-id'],
  ['secret.keys', { issuer: 'x', clientSecret: 'x' }, 'must differ', 'issuer: x'],
  ['secret.keys', { issuer: 'previous-client-secret' }, 'must differ'],
];

const labels: Row[] = [
  ['secret.labels', { 'app.kubernetes.io/part-of': 'argocd', empty: '', 'A.b_c-9': 'x.Y_z-1' }, ok],
  ['secret.labels', { ['n'.repeat(63)]: 'v'.repeat(63) }, ok],
  ['secret.labels', { [`${name253}/name`]: 'x' }, ok],
  ['secret.labels', maximum(32), ok],
  ['secret.labels', maximum(33), 'Too many: 33', '32'],
  ['secret.labels', { 'keyturn.dev/application': 'x' }, 'keyturn.dev/application', 'remove it'],
  ['secret.labels', { 'app.kubernetes.io/managed-by': 'helm' }, 'managed-by', 'remove it'],
  ['secret.labels', { ['n'.repeat(64)]: 'x' }, 'nnnn', ...labelKey],
  ['secret.labels', { 'a b': 'x' }, 'a b', ...labelKey],
  ['secret.labels', { 'a/b/c': 'x' }, 'a/b/c', ...labelKey],
  ['secret.labels', { 'Example.com/x': 'x' }, 'Example.com/x', ...labelKey],
  ['secret.labels', { [`${name253}c/name`]: 'x' }, ...labelKey],
  ['secret.labels', { '': 'x' }, ...labelKey],
  ['secret.labels', { team: 'v'.repeat(64) }, 'team', 'Too long', '63'],
  ['secret.labels', { team: 'a b' }, '[team]', 'up to 63 letters'],
  ['secret.labels', { team: '-' }, '[team]', 'beginning and ending with a letter or digit'],
  ['secret.labels', { team: true }, 'team', 'must be of type string'],
];

const annotations: Row[] = [
  [
    'secret.annotations',
    { 'reloader.stakater.com/match': 'true', 'Example.com/x': '{"any": 1}' },
    ok,
  ],
  ['secret.annotations', { note: 'v'.repeat(1024) }, ok],
  ['secret.annotations', { note: 'v'.repeat(1025) }, 'note', 'Too long', '1024'],
  ['secret.annotations', maximum(32), ok],
  ['secret.annotations', maximum(33), 'Too many: 33', '32'],
  ['secret.annotations', { 'keyturn.dev/adopt-by': 'web' }, 'keyturn.dev/adopt-by', 'remove it'],
  ['secret.annotations', { 'app.kubernetes.io/managed-by': 'x' }, 'managed-by', 'remove it'],
  [
    'secret.annotations',
    { 'kubectl.kubernetes.io/last-applied-configuration': '{}' },
    "kubectl's own",
    'remove it',
  ],
  ['secret.annotations', { 'a b': 'x' }, 'a b', ...labelKey],
  ['secret.annotations', { ['n'.repeat(64)]: 'x' }, 'nnnn', ...labelKey],
];

const times: Row[] = ['rotation.rotateAfter', 'revokeRetiredBefore', 'revokeIssuedBefore'].flatMap(
  (field): Row[] => [
    [field, '2026-11-24T10:00:00Z', ok],
    [field, '2099-11-24T10:00:00Z', ok],
    [field, '2026-11-24T10:00:00.123456789+14:00', ok],
    [field, '2028-02-29T23:59:59-11:30', ok],
    [field, 'tomorrow', ...rfc3339],
    [field, '', ...rfc3339],
    [field, '2026-11-24', ...rfc3339],
    [field, '2026-11-24 10:00:00Z', ...rfc3339],
    [field, '2026-11-24T10:00:00', ...rfc3339],
    [field, '2026-11-24t10:00:00Z', 'capital T and Z', ...rfc3339],
    [field, '2026-11-24T10:00:00z', 'capital T and Z', ...rfc3339],
    [field, '2026-11-24T10:00:00+24:00', 'up to 14 hours', ...rfc3339],
    [field, '2026-11-24T24:00:00Z', ...rfc3339],
    [field, '2026-11-24T10:00:60Z', ...rfc3339],
    [field, '2026-02-31T10:00:00Z', ...rfc3339],
    [field, '2026-02-29T10:00:00Z', ...rfc3339],
    [field, '0001-01-01T00:00:00Z', ...rfc3339],
    [field, '2026-11-24T10:00:00.1234567891Z', ...rfc3339],
    [field, '2026-11-24T10:00:00.123456789+02:00:00', 'Too long', '35'],
    [field, 1764000000, 'must be of type string'],
  ],
);

const every: Row[] = [
  ['rotation.every', '720h', ok],
  ['rotation.every', '24h0m1s', ok],
  ['rotation.every', '8760h', ok],
  ['rotation.every', '31536000s', ok],
  ['rotation', { every: '10m', retainPreviousFor: '0s' }, ok],
  ['rotation', { every: '1h30m', retainPreviousFor: '89m59s' }, ok],
  ['rotation.every', '8760h1s', ...everyBounds],
  ['rotation', { every: '9m59s', retainPreviousFor: '0s' }, '.every', ...everyBounds],
  ['rotation', { every: '0s', retainPreviousFor: '0s' }, '.every', ...everyBounds],
  ['rotation.every', '30d', ...everyBounds],
  ['rotation.every', '1d', ...everyBounds],
  ['rotation.every', '1 week', ...everyBounds],
  ['rotation.every', '1.5h', ...everyBounds],
  ['rotation.every', '-720h', ...everyBounds],
  ['rotation.every', '720', ...everyBounds],
  ['rotation.every', '', ...everyBounds],
  ['rotation.every', 'P30D', ...everyBounds],
  ['rotation.every', '10000h', ...everyBounds],
  ['rotation.every', '9223372036854775808h', ...everyBounds],
  ['rotation.every', '99999999999999999999999h', 'Too long', '21'],
  ['rotation.every', 720, 'must be of type string'],
  ['rotation.every', '12h', 'every (12h)', 'retainPreviousFor (24h, the default)', 'longer'],
  ['rotation.every', '24h', 'every (24h)', 'retainPreviousFor (24h, the default)', 'longer'],
  [
    'rotation',
    { every: '90m', retainPreviousFor: '2h' },
    '.every',
    'every (90m)',
    '(2h)',
    'shorter',
  ],
];

const retainPreviousFor: Row[] = [
  ['rotation.retainPreviousFor', '24h', ok],
  ['rotation.retainPreviousFor', '0s', ok],
  ['rotation.retainPreviousFor', '0h', ok],
  ['rotation.retainPreviousFor', '1m', ok],
  ['rotation.retainPreviousFor', '720h', ok],
  ['rotation.retainPreviousFor', '59s', ...retainBounds],
  ['rotation.retainPreviousFor', '720h1s', ...retainBounds],
  ['rotation.retainPreviousFor', '30d', ...retainBounds],
  ['rotation.retainPreviousFor', '1 week', ...retainBounds],
  ['rotation.retainPreviousFor', '0', ...retainBounds],
  ['rotation.retainPreviousFor', '-1h', ...retainBounds],
  ['rotation.retainPreviousFor', '9999h999999m99999999s', ...retainBounds],
  ['rotation.retainPreviousFor', 0, 'must be of type string'],
];

const choices: Row[] = [
  ...['revokePreviousSecret', 'verifyRevocation', 'suspend'].flatMap((field): Row[] => [
    [field, true, ok],
    [field, false, ok],
    [field, 'true', 'must be of type boolean'],
    [field, 1, 'must be of type boolean'],
  ]),
  ['deletionPolicy', 'Retain', ok],
  ['deletionPolicy', 'Delete', ok],
  ['deletionPolicy', 'retain', 'supported values: "Retain", "Delete"'],
  ['deletionPolicy', 'Orphan', 'supported values: "Retain", "Delete"'],
  ['revokePrevious', true, 'unknown field'],
  ['rotation.interval', '720h', 'unknown field'],
  ['secret.keys.secret', 'x', 'unknown field'],
];

const namespace = await testNamespace('admission');

const table = [clientID, providerRef, secret, labels, annotations]
  .concat([times, every, retainPreviousFor, choices])
  .flat();

function title(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length > 72 ? `${text.slice(0, 72)}…` : text;
}

for (const [field, value, ...expected] of table) {
  test(`spec.${field}: ${title(value)} → ${expected.join(', ')}`, async () => {
    const path = field.split('.');
    const spec = path.reduceRight<unknown>((nested, name) => ({ [name]: nested }), value);
    const answer = await verdict(create(namespace, application(spec), { dryRun: true }));
    if (expected[0] === ok) {
      expect(answer).toBe(ok);
      return;
    }
    for (const part of [`spec.${field}`, ...expected]) expect(answer).toContain(part);
    // A rule that fails to evaluate, or for its cost, explains nothing.
    expect(answer).not.toMatch(/evaluating rule|cost/);
  });
}

test('what is wrong in two fields is told at once', async () => {
  const spec = { clientID: ' web', rotation: { every: '1d' }, secret: { name: 'Web' } };
  const answer = await verdict(create(namespace, application(spec), { dryRun: true }));
  for (const field of ['clientID', 'rotation.every', 'secret.name']) {
    expect(answer).toContain(`spec.${field}: Invalid value`);
  }
});
