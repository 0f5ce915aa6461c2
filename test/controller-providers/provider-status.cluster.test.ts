import { expect, onTestFinished, test } from 'vitest';
import { eventually } from '../setup/cluster.ts';
import { startPingOneSimulator } from '../simulators/pingone/simulator.ts';
import { createAuthority, issueServerCertificate } from '../testbed/certificates.ts';
import { ProviderRig, pingOneSpec, workerCredentials } from './provider-rig.ts';

async function simulator(options: Parameters<typeof startPingOneSimulator>[0] = {}) {
  const started = await startPingOneSimulator({ rateLimit: 'none', ...options });
  onTestFinished(() => started.stop());
  return started;
}

const MINUTE = 60_000;

test('a provider that is in order: issuer, capabilities, Ready; at rest nothing is written', async () => {
  const pingone = await simulator();
  const rig = await ProviderRig.start();
  await rig.setSecret('credentials', workerCredentials(pingone));
  const created = await rig.create('OIDCProvider', 'pingone', pingOneSpec(pingone));
  const provider = await rig.settles(created, 'True', 'Checked');
  expect(provider.status).toEqual({
    observedGeneration: 1,
    type: 'PingOne',
    issuer: `${pingone.authURL}/${pingone.environmentID}/as`,
    capabilities: {
      maxSecrets: 2,
      readable: 'all',
      previousExpiry: 'perRotation',
      longestRetention: '720h',
      revoke: 'one',
      lastUsed: true,
    },
    conditions: [
      {
        type: 'Ready',
        status: 'True',
        observedGeneration: 1,
        lastTransitionTime: expect.any(String),
        reason: 'Checked',
        message: 'The provider was reached, and the credentials work.',
      },
    ],
  });
  const checks = () => pingone.requests.filter(({ path }) => path.includes('/applications')).length;
  const before = checks();
  rig.clock.advance(12 * MINUTE);
  await eventually(() => expect(checks()).toBe(before + 1));
  const { resourceVersion } = provider.metadata;
  expect((await rig.read(provider)).metadata.resourceVersion).toBe(resourceVersion);
});

test('credentials that come, change and go are noticed at once', async () => {
  const pingone = await simulator();
  const rig = await ProviderRig.start();
  const provider = await rig.create('OIDCProvider', 'pingone', {
    ...pingOneSpec(pingone),
    resyncInterval: '24h',
  });
  const missing = await rig.settles(provider, 'False', 'CredentialsNotFound');
  expect(missing.status.conditions?.[0]?.message).toBe(
    `There is no Secret credentials in namespace ${rig.namespace}. Create it.`,
  );
  const { 'client-id': id = '', 'client-secret': secret = '' } = workerCredentials(pingone);
  await rig.setSecret('credentials', { 'client-id': id });
  await eventually(async () => {
    const { status } = await rig.read(provider);
    expect(status.conditions?.[0]?.message).toContain('has no key client-secret');
  });
  await rig.setSecret('credentials', { 'client-id': id, 'client-secret': `not-${secret}` });
  const refused = await rig.settles(provider, 'False', 'ProviderUnauthorized');
  expect(JSON.stringify(refused)).not.toContain(secret);
  expect(await rig.access(provider, 'client')).toEqual({
    kind: 'denied',
    reason: 'ProviderNotReady',
    message:
      'OIDCProvider pingone is not ready (ProviderUnauthorized): its own condition tells more.',
  });
  await rig.setSecret('credentials', { 'client-id': id, 'client-secret': secret });
  await rig.settles(provider, 'True', 'Checked');
  expect(await rig.access(provider, 'client')).toMatchObject({ kind: 'granted' });
  await rig.edit(provider, { credentialsSecretRef: { clientSecretKey: 'other' } });
  await rig.settles(provider, 'False', 'CredentialsNotFound');
  expect(await rig.access(provider, 'client')).toMatchObject({ reason: 'ProviderNotReady' });
  // Of all Secrets only this one was read.
  const read = rig.watches.filter(({ plural }) => plural === 'secrets');
  expect(read).toEqual([{ plural: 'secrets', namespace: rig.namespace, name: 'credentials' }]);
});

test('a provider that cannot be reached is not ready, and its applications are let through', async () => {
  const pingone = await simulator();
  const rig = await ProviderRig.start();
  await rig.setSecret('credentials', workerCredentials(pingone));
  const provider = await rig.create('OIDCProvider', 'pingone', pingOneSpec(pingone));
  const { status } = await rig.settles(provider, 'True', 'Checked');
  pingone.faults.arm({}, { kind: 'answer', when: 'before', status: 503 }, 1000);
  rig.clock.advance(12 * MINUTE);
  const failed = await rig.settles(provider, 'False', 'ProviderUnavailable');
  expect(failed.status).toMatchObject({ issuer: status.issuer, capabilities: status.capabilities });
  expect(await rig.access(provider, 'client')).toMatchObject({ kind: 'granted' });
  pingone.faults.disarm();
  rig.clock.advance(2 * MINUTE);
  await rig.settles(provider, 'True', 'Checked');
});

test('a lacking permission is told by its name', async () => {
  const pingone = await simulator({ switches: { denial: 'accessFailed' } });
  pingone.deny('applications:read:application');
  const rig = await ProviderRig.start();
  await rig.setSecret('credentials', workerCredentials(pingone));
  const provider = await rig.create('OIDCProvider', 'pingone', pingOneSpec(pingone));
  const { status } = await rig.settles(provider, 'False', 'ProviderForbidden');
  expect(status.conditions?.[0]?.message).toContain('applications:read:application');
});

test('a provider that begins to refuse the credentials is sent nothing until it takes them', async () => {
  const pingone = await simulator({ switches: { denial: 'accessFailed' } });
  const rig = await ProviderRig.start();
  await rig.setSecret('credentials', workerCredentials(pingone));
  const provider = await rig.create('OIDCProvider', 'pingone', pingOneSpec(pingone));
  await rig.settles(provider, 'True', 'Checked');
  pingone.deny('applications:read:application');
  rig.clock.advance(12 * MINUTE);
  const { status } = await rig.settles(provider, 'False', 'ProviderForbidden');
  expect(status).toHaveProperty('issuer');
  expect(await rig.access(provider, 'client')).toMatchObject({ reason: 'ProviderNotReady' });
  pingone.allow('applications:read:application');
  rig.clock.advance(2 * MINUTE);
  await rig.settles(provider, 'True', 'Checked');
  expect(await rig.access(provider, 'client')).toMatchObject({ kind: 'granted' });
});

test('a provider that is deleted is gone for its applications', async () => {
  const pingone = await simulator();
  const rig = await ProviderRig.start();
  await rig.setSecret('credentials', workerCredentials(pingone));
  const provider = await rig.create('OIDCProvider', 'pingone', pingOneSpec(pingone));
  await rig.settles(provider, 'True', 'Checked');
  const granted = await rig.access(provider, 'client');
  if (granted.kind !== 'granted') throw new Error('access was denied');
  const key = `OIDCProvider/${rig.namespace}/pingone`;
  expect([...rig.told.answered]).toEqual([key]);
  await rig.delete(provider);
  await eventually(async () => {
    expect(await rig.access(provider, 'client')).toMatchObject({ reason: 'ProviderNotFound' });
  });
  await eventually(() => expect([...rig.told.gone]).toEqual([key]));
  // The connection is closed with it.
  await eventually(() =>
    expect(granted.provider.read('client', new AbortController().signal)).rejects.toMatchObject({
      reason: 'ProviderUnavailable',
      message: expect.stringContaining('closed'),
    }),
  );
});

test('the certificate is verified, by the caBundle where there is one', async () => {
  const authority = createAuthority();
  const pingone = await simulator({ tls: issueServerCertificate(authority, ['127.0.0.1']) });
  const rig = await ProviderRig.start();
  await rig.setSecret('credentials', workerCredentials(pingone));
  const spec = { ...pingOneSpec(pingone), insecure: false };
  const provider = await rig.create('OIDCProvider', 'pingone', spec);
  const refused = await rig.settles(provider, 'False', 'ProviderUnavailable');
  expect(refused.status.conditions?.[0]?.message).toContain('certificate was not accepted');
  await rig.edit(provider, { caBundle: base64('no certificate') });
  const invalid = await rig.settles(provider, 'False', 'InvalidSpec');
  expect(invalid.status.conditions?.[0]?.message).toBe(
    'spec.caBundle: "…" is not certificates in PEM, in base64.',
  );
  await rig.edit(provider, { caBundle: base64(createAuthority().certificate) });
  await rig.settles(provider, 'False', 'ProviderUnavailable');
  await rig.edit(provider, { caBundle: base64(`# ours\n${authority.certificate}`) });
  await rig.settles(provider, 'True', 'Checked');
});

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}

test('a change that is no change of the connection keeps it and checks nothing', async () => {
  const pingone = await simulator();
  const rig = await ProviderRig.start();
  await rig.setSecret('credentials', workerCredentials(pingone));
  const provider = await rig.create('OIDCProvider', 'pingone', pingOneSpec(pingone));
  await rig.settles(provider, 'True', 'Checked');
  const before = await rig.access(provider, 'client');
  const { length } = pingone.requests;
  await rig.edit(provider, { resyncInterval: '1h' });
  await rig.settles(provider, 'True', 'Checked');
  const after = await rig.access(provider, 'client');
  if (before.kind !== 'granted' || after.kind !== 'granted') throw new Error('access was denied');
  expect(after.provider).toBe(before.provider);
  expect(after.provider.resyncIntervalMs).toBe(60 * MINUTE);
  expect(pingone.requests).toHaveLength(length);
  await rig.edit(provider, { requestsPerSecond: 50 });
  await eventually(async () => {
    const replaced = await rig.access(provider, 'client');
    expect(replaced.kind === 'granted' && replaced.provider !== before.provider).toBe(true);
  });
});
