import { expect, test } from 'vitest';
import { testNamespace } from '../setup/cluster.ts';
import type { Fields } from './server.ts';
import { createProvider, verdict } from './server.ts';

/** A field of spec, a value, and either accepted or what the refusal must say beside the field. */
type Row = readonly [field: string, value: unknown, ...verdict: readonly string[]];

const ok = 'accepted';
const environment = '0f8ab76e-8b0e-4b8d-9a3c-5a1f4d8e2c11';
const url = 'https://sso.example.com';
const keycloak = { url, realm: 'shop' };
const pingone = { region: 'EU', environmentID: environment };
const addresses = { apiURL: 'https://api.example', authURL: 'https://auth.example' };
const secret = { credentialsSecretRef: { name: 'credentials' } };
const aURL = ['the URL of a host', 'without user, query and fragment'];
const timeout = ['from 1s to 60s', 'whole hours, minutes and seconds'];
const resync = ['from 1m to 24h', 'whole hours, minutes and seconds'];
const aKey = ["letters, digits, '-', '_' and '.'"];
const pem = Buffer.from('-----BEGIN CERTIFICATE-----').toString('base64');

const union: Row[] = [
  ['', { keycloak }, ok],
  ['', { pingone }, ok],
  ['', {}, 'exactly one of keycloak and pingone'],
  ['', { keycloak, pingone }, 'exactly one of keycloak and pingone'],
  ['', { keycloak, okta: {} }, 'unknown field "spec.okta"'],
  ['', { keycloak, credentialsSecretRef: null }, '.credentialsSecretRef', 'Required value'],
];

const realms: Row[] = [
  ['keycloak', { url }, '.realm', 'Required value'],
  ['keycloak', { realm: 'shop' }, '.url', 'Required value'],
  ['keycloak', { ...keycloak, authRealm: 'master', managePolicy: true }, ok],
  ...['realm', 'authRealm'].flatMap((field): Row[] => [
    ['keycloak', { ...keycloak, [field]: 'Läden & Co.' }, ok],
    ['keycloak', { ...keycloak, [field]: 'r'.repeat(255) }, ok],
    ['keycloak', { ...keycloak, [field]: 'r'.repeat(256) }, `.${field}`, 'Too long'],
    ['keycloak', { ...keycloak, [field]: '' }, `.${field}`, 'at least 1'],
    ['keycloak', { ...keycloak, [field]: '..' }, `.${field}`, 'without a slash'],
    ['keycloak', { ...keycloak, [field]: '.' }, `.${field}`, 'without a slash'],
    ['keycloak', { ...keycloak, [field]: 'a/b' }, `.${field}`, 'without a slash'],
    ['keycloak', { ...keycloak, [field]: 'a\nb' }, `.${field}`, 'without a slash'],
  ]),
];

/** Each is a URL, and what must be said of it. */
const urls: (readonly [string, ...string[]])[] = [
  ['https://sso.example.com', ok],
  ['https://sso.example.com/', ok],
  ['https://sso.example.com:8443/auth/v2', ok],
  ['https://10.0.0.7', ok],
  ['https://[fd00::7]:8443', ok],
  ['https://sso', ok],
  ['http://sso.example.com', 'must begin with https://', 'insecure: true'],
  ['HTTPS://sso.example.com', ...aURL],
  ['sso.example.com', ...aURL],
  ['ftp://sso.example.com', ...aURL],
  ['https://', ...aURL],
  ['https:///auth', ...aURL],
  ['https://me@sso.example.com', ...aURL],
  ['https://me:pass@sso.example.com', ...aURL],
  ['https://sso.example.com\\@evil.example', ...aURL],
  ['https://sso.example.com?x=1', ...aURL],
  ['https://sso.example.com/#top', ...aURL],
  ['https://sso.example.com/a%2fb', ...aURL],
  ['https://sso.example.com:port', ...aURL],
  ['https://sso.example.com\nx', ...aURL],
  [' https://sso.example.com', ...aURL],
  ['', 'at least 1', ...aURL],
  [`https://${'h'.repeat(1020)}`, 'Too long'],
];

const addressed: Row[] = urls.flatMap(([value, ...expected]): Row[] => {
  const at = (field: string) => (expected[0] === ok ? [ok] : [field, ...expected]);
  return [
    ['keycloak', { ...keycloak, url: value }, ...at('.url')],
    ['pingone', { environmentID: environment, ...addresses, apiURL: value }, ...at('.apiURL')],
    ['pingone', { environmentID: environment, ...addresses, authURL: value }, ...at('.authURL')],
  ];
});

const insecure: Row[] = [
  ['', { insecure: true, keycloak: { ...keycloak, url: 'http://127.0.0.1:8080' } }, ok],
  [
    '',
    {
      insecure: true,
      pingone: {
        environmentID: environment,
        apiURL: 'http://127.0.0.1:1',
        authURL: 'http://127.0.0.1:1',
      },
    },
    ok,
  ],
  ['insecure', 'yes', 'must be of type boolean'],
];

const either = 'either region, or apiURL and authURL';
const environments: Row[] = [
  ...['NA', 'CA', 'EU', 'AU', 'SG', 'AP'].map((region): Row => ['pingone.region', region, ok]),
  ['pingone.region', 'eu', 'supported values: "NA"'],
  ['pingone', { environmentID: environment, ...addresses }, ok],
  ['pingone', { environmentID: environment }, either],
  ['pingone', { environmentID: environment, region: 'EU', ...addresses }, either],
  ['pingone', { environmentID: environment, apiURL: addresses.apiURL }, either],
  ['pingone', { environmentID: environment, authURL: addresses.authURL }, either],
  ['pingone', { ...pingone, authURL: addresses.authURL }, either],
  ['pingone', { region: 'EU' }, '.environmentID', 'Required value'],
  ['pingone.workerEnvironmentID', environment, ok],
  ...['environmentID', 'workerEnvironmentID'].flatMap((field): Row[] => [
    ['pingone', { ...pingone, [field]: 'eu' }, `.${field}`, 'ID of an environment'],
    ['pingone', { ...pingone, [field]: '' }, `.${field}`, 'ID of an environment'],
    ['pingone', { ...pingone, [field]: environment.toUpperCase() }, `.${field}`, 'in lower case'],
    ['pingone', { ...pingone, [field]: `${environment}/x` }, `.${field}`, 'Too long'],
  ]),
];

const connection: Row[] = [
  ['caBundle', pem, ok],
  ['caBundle', '-----BEGIN CERTIFICATE-----', 'byte'],
  ['caBundle', 'A'.repeat(131_076), 'Too long'],
  ['credentialsSecretRef', {}, '.name', 'Required value'],
  ['credentialsSecretRef', { name: 'Creds' }, '.name', 'a name that a Secret can have'],
  ['credentialsSecretRef', { name: 'c', namespace: 'kube-system' }, '.namespace', 'unknown'],
  ['credentialsSecretRef', { name: 'c', clientIDKey: 'id', clientSecretKey: 'a.b_c-d' }, ok],
  ['credentialsSecretRef', { name: 'c', clientIDKey: '..id' }, '.clientIDKey', ...aKey],
  ['credentialsSecretRef', { name: 'c', clientSecretKey: 'a b' }, '.clientSecretKey', ...aKey],
  ['credentialsSecretRef', { name: 'c', clientSecretKey: '' }, '.clientSecretKey', 'at least 1'],
  ['requestTimeout', '1s', ok],
  ['requestTimeout', '1m', ok],
  ['requestTimeout', '0s', ...timeout],
  ['requestTimeout', '61s', ...timeout],
  ['requestTimeout', '500ms', ...timeout],
  ['requestTimeout', '10', ...timeout],
  ['requestsPerSecond', 1, ok],
  ['requestsPerSecond', 100, ok],
  ['requestsPerSecond', 0, 'greater than or equal to 1'],
  ['requestsPerSecond', 101, 'less than or equal to 100'],
  ['requestsPerSecond', 0.5, 'must be of type integer'],
  ['resyncInterval', '1m', ok],
  ['resyncInterval', '24h', ok],
  ['resyncInterval', '59s', ...resync],
  ['resyncInterval', '24h1s', ...resync],
  ['resyncInterval', '1d', ...resync],
  ['grants', [], 'unknown field "spec.grants"'],
];

const grant = { namespaces: ['shop'], clientIDs: ['web'] };
const oneOf = 'exactly one of namespaces and namespaceSelector';
const separated = ['a character between {namespace} and *', 'the clients of another'];
const many = (count: number, of: (at: number) => unknown) =>
  Array.from({ length: count }, (_, at) => of(at));

const grants: Row[] = [
  ['grants', [], ok],
  ['grants', [grant], ok],
  ['grants', [{ clientIDs: ['web'] }], oneOf],
  ['grants', [{ ...grant, namespaceSelector: {} }], oneOf],
  ['grants', [{ namespaces: ['shop'] }], '[0].clientIDs', 'Required value'],
  ['grants', [{ ...grant, clientIDs: [] }], '[0].clientIDs', 'at least 1'],
  ['grants', [{ ...grant, namespaces: [] }], '[0].namespaces', 'at least 1'],
  ['grants', [{ ...grant, namespaces: ['Shop'] }], 'the name of a namespace'],
  ['grants', [{ ...grant, namespaces: ['*'] }], 'the name of a namespace'],
  ['grants', [{ ...grant, namespaces: ['shop', 'shop'] }], 'Duplicate value'],
  [
    'grants',
    [
      {
        clientIDs: ['{namespace}'],
        namespaceSelector: {
          matchLabels: { team: 'web' },
          matchExpressions: [
            { key: 'env', operator: 'In', values: ['test', 'production'] },
            { key: 'example.com/frozen', operator: 'DoesNotExist' },
          ],
        },
      },
    ],
    ok,
  ],
  ...['In', 'NotIn'].map(
    (operator): Row => [
      'grants',
      [{ clientIDs: ['x'], namespaceSelector: { matchExpressions: [{ key: 'a', operator }] } }],
      'In and NotIn need values',
    ],
  ),
  ...['Exists', 'DoesNotExist'].map(
    (operator): Row => [
      'grants',
      [
        {
          clientIDs: ['x'],
          namespaceSelector: { matchExpressions: [{ key: 'a', operator, values: ['b'] }] },
        },
      ],
      'must have none',
    ],
  ),
  ['grants', many(64, () => grant), ok],
  ['grants', many(65, () => grant), 'must have at most 64'],
  ['grants', [{ ...grant, clientIDs: many(65, (at) => `c${at}`) }], 'at most 64'],
  ['grants', [{ ...grant, namespaces: many(129, (at) => `n${at}`) }], 'at most 128'],
  ['grants', many(64, () => ({ ...grant, clientIDs: many(64, () => 'x'.repeat(255)) })), ok],
];

const patterns: Row[] = [
  ...[
    'web',
    '*',
    'web-*',
    '*-web',
    'web-*-test',
    'https://shop.example/web app?x=~',
    '{namespace}',
    '{namespace}{namespace}',
    '{namespace}.*',
    '*/{namespace}',
    '{namespace}-x.*.{namespace}',
    'x'.repeat(255),
  ].map((pattern): Row => ['grants', [{ ...grant, clientIDs: [pattern] }], ok]),
  ...[
    ['a*b*', 'one * at most'],
    ['**', 'one * at most'],
    ['{ns}', 'no other braces'],
    ['{namespace', 'no other braces'],
    ['}', 'no other braces'],
    ['{{namespace}namespace}', 'no other braces'],
    ['{Namespace}', 'no other braces'],
    ['{namespace}*', ...separated],
    ['{namespace}-*', ...separated],
    ['*{namespace}', ...separated],
    ['*-a-{namespace}', ...separated],
    ['{namespace}.*-{namespace}', ...separated],
    [' web', 'no space at the beginning or the end'],
    ['wéb', 'visible ASCII'],
    ['', 'at least 1'],
    ['x'.repeat(256), 'Too long'],
  ].map(
    ([pattern, ...expected]): Row => [
      'grants',
      [{ ...grant, clientIDs: [pattern] }],
      '[0].clientIDs[0]',
      ...expected,
    ],
  ),
];

const namespace = await testNamespace('admission');
const common = [union, realms, addressed, insecure, environments, connection].flat();

function title(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length > 72 ? `${text.slice(0, 72)}…` : text;
}

/** A valid spec with the value at the field. */
function specWith(field: string, value: unknown): Fields {
  if (field === '' && typeof value === 'object') return { ...secret, ...value };
  const [name = '', inner] = field.split('.');
  if (name === 'pingone') {
    return { ...secret, pingone: inner === undefined ? value : { ...pingone, [inner]: value } };
  }
  return { ...secret, keycloak, [name]: value };
}

async function judge(
  kind: 'OIDCProvider' | 'ClusterOIDCProvider',
  [field, value, ...expected]: Row,
) {
  const answer = await verdict(createProvider(kind, namespace, specWith(field, value)));
  if (expected[0] === ok) {
    expect(answer).toBe(ok);
    return;
  }
  const [name] = field.split('.');
  for (const part of [`spec${name ? `.${name}` : ''}`, ...expected]) expect(answer).toContain(part);
  // A rule that fails to evaluate, or for its cost, explains nothing.
  expect(answer).not.toMatch(/evaluating rule|cost/);
}

for (const row of common) {
  const [field, value, ...expected] = row;
  test(`OIDCProvider ${field}: ${title(value)} → ${expected.join(', ')}`, () =>
    judge('OIDCProvider', row));
}

for (const row of [...grants, ...patterns]) {
  const [field, value, ...expected] = row;
  test(`ClusterOIDCProvider ${field}: ${title(value)} → ${expected.join(', ')}`, () =>
    judge('ClusterOIDCProvider', row));
}

test('what is left out gets its default', async () => {
  const created = await createProvider('ClusterOIDCProvider', namespace, { ...secret, keycloak });
  expect(created.spec).toEqual({
    keycloak: { ...keycloak, managePolicy: false },
    insecure: false,
    credentialsSecretRef: {
      name: 'credentials',
      clientIDKey: 'client-id',
      clientSecretKey: 'client-secret',
    },
    requestTimeout: '10s',
    resyncInterval: '10m',
  });
});
