import { expect, test } from 'vitest';
import { InvalidSpecError } from '../../src/api/application.ts';
import type { ClusterOIDCProviderSpec } from '../../src/api/oidcprovider.gen.ts';
import { SecretValue } from '../../src/api/secret-value.ts';
import {
  backendOf,
  configure,
  isSameConfig,
  ownBackendOf,
  resyncIntervalOf,
} from '../../src/controller/providers/configure.ts';
import { createAuthority } from '../testbed/certificates.ts';

const credentials = { clientID: 'operator', clientSecret: SecretValue.fromText('s3cret') };
const credentialsSecretRef = { name: 'credentials' };
const keycloak = { url: 'https://sso.example.com/', realm: 'shop' };
const environmentID = '0f8ab76e-8b0e-4b8d-9a3c-5a1f4d8e2c11';
const worker = '1f8ab76e-8b0e-4b8d-9a3c-5a1f4d8e2c11';

function spec(part: Partial<ClusterOIDCProviderSpec>): ClusterOIDCProviderSpec {
  return { credentialsSecretRef, ...part };
}

test('secrets that differ are not equal in these tests', () => {
  const other = { ...credentials, clientSecret: SecretValue.fromText('other') };
  expect(configure(spec({ keycloak }), credentials)).not.toEqual(
    configure(spec({ keycloak }), other),
  );
});

test('Keycloak with everything left out', () => {
  expect(configure(spec({ keycloak }), credentials)).toEqual({
    kind: 'keycloak',
    url: 'https://sso.example.com',
    realm: 'shop',
    authRealm: 'shop',
    managePolicy: false,
    insecure: false,
    caBundle: undefined,
    requestTimeoutMs: 10_000,
    requestsPerSecond: 20,
    credentials,
  });
  expect(resyncIntervalOf(spec({ keycloak }))).toBe(600_000);
});

test.for([
  ['NA', 'https://api.pingone.com', 'https://auth.pingone.com'],
  ['CA', 'https://api.pingone.ca', 'https://auth.pingone.ca'],
  ['EU', 'https://api.pingone.eu', 'https://auth.pingone.eu'],
  ['AU', 'https://api.pingone.com.au', 'https://auth.pingone.com.au'],
  ['SG', 'https://api.pingone.sg', 'https://auth.pingone.sg'],
  ['AP', 'https://api.pingone.asia', 'https://auth.pingone.asia'],
] as const)('PingOne in the region %s', ([region, apiURL, authURL]) => {
  const pingone = { region, environmentID };
  expect(configure(spec({ pingone }), credentials)).toEqual({
    kind: 'pingone',
    apiURL,
    authURL,
    environmentID,
    workerEnvironmentID: environmentID,
    insecure: false,
    caBundle: undefined,
    requestTimeoutMs: 10_000,
    requestsPerSecond: 3,
    credentials,
  });
});

test('what is said is taken', () => {
  const { certificate } = createAuthority();
  const config = configure(
    spec({
      insecure: true,
      pingone: {
        apiURL: 'http://proxy:8080/api/',
        authURL: 'http://proxy:8080/auth',
        environmentID,
        workerEnvironmentID: worker,
      },
      caBundle: Buffer.from(`# ours\n${certificate}`).toString('base64'),
      requestTimeout: '1m',
      requestsPerSecond: 7,
    }),
    credentials,
  );
  expect(config).toMatchObject({
    apiURL: 'http://proxy:8080/api',
    authURL: 'http://proxy:8080/auth',
    workerEnvironmentID: worker,
    insecure: true,
    caBundle: certificate.trim(),
    requestTimeoutMs: 60_000,
    requestsPerSecond: 7,
  });
  expect(resyncIntervalOf(spec({ keycloak, resyncInterval: '1h30m' }))).toBe(5_400_000);
});

test.for<readonly [string, Partial<ClusterOIDCProviderSpec>]>([
  ['keycloak', {}],
  ['keycloak.url', { keycloak: { ...keycloak, url: 'http://sso.example.com' } }],
  ['keycloak.url', { insecure: true, keycloak: { ...keycloak, url: 'file:///etc/passwd' } }],
  ['keycloak.url', { keycloak: { ...keycloak, url: 'sso' } }],
  ['pingone.apiURL', { pingone: { environmentID } }],
  ['pingone.authURL', { pingone: { environmentID, apiURL: 'https://x', authURL: 'http://x' } }],
  ['requestTimeout', { keycloak, requestTimeout: 'soon' }],
  ['caBundle', { keycloak, caBundle: '' }],
  ['caBundle', { keycloak, caBundle: Buffer.from('key').toString('base64') }],
])('a bad %s is refused by its name', ([field, part]) => {
  expect(() => configure(spec(part), credentials)).toThrow(InvalidSpecError);
  expect(() => configure(spec(part), credentials)).toThrow(`spec.${field}: `);
});

test('a private key in caBundle is not quoted', () => {
  const { key } = createAuthority();
  const caBundle = Buffer.from(key).toString('base64');
  expect(() => configure(spec({ keycloak, caBundle }), credentials)).toThrow(
    /^spec\.caBundle: "…" is not certificates in PEM, in base64$/,
  );
});

test('a backend is what is behind a resource, however it is reached', () => {
  const backend = backendOf(spec({ keycloak, requestTimeout: '1s' }));
  expect(backend).toBe('keycloak https://sso.example.com shop');
  const spellings = ['https://SSO.example.com', 'https://sso.example.com:443/'];
  for (const url of spellings) {
    expect(backendOf(spec({ keycloak: { url, realm: 'shop', authRealm: 'x' } }))).toBe(backend);
  }
  expect(backendOf(spec({ keycloak: { ...keycloak, realm: 'blog' } }))).not.toBe(backend);
  expect(backendOf(spec({ pingone: { region: 'EU', environmentID } }))).toBe(
    `pingone https://api.pingone.eu ${environmentID}`,
  );
});

test("the operator's own client is where its credentials are", () => {
  const own = (part: Partial<ClusterOIDCProviderSpec>) =>
    ownBackendOf(configure(spec(part), credentials));
  expect(own({ keycloak })).toBe('keycloak https://sso.example.com shop');
  expect(own({ keycloak: { ...keycloak, authRealm: 'master' } })).toBe(
    'keycloak https://sso.example.com master',
  );
  expect(own({ pingone: { region: 'EU', environmentID, workerEnvironmentID: worker } })).toBe(
    `pingone https://api.pingone.eu ${worker}`,
  );
});

test('configurations are the same if every part of them is, the secret included', () => {
  const config = (part: Partial<ClusterOIDCProviderSpec> = {}, secret = 's3cret') =>
    configure(spec({ keycloak, ...part }), {
      ...credentials,
      clientSecret: SecretValue.fromText(secret),
    });
  expect(isSameConfig(config(), config({ resyncInterval: '1h' }))).toBe(true);
  expect(isSameConfig(config(), config({}, 'other'))).toBe(false);
  expect(isSameConfig(config(), config({ requestTimeout: '9s' }))).toBe(false);
  expect(
    isSameConfig(config(), { ...config(), credentials: { ...credentials, clientID: 'x' } }),
  ).toBe(false);
});
