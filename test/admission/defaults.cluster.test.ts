import { expect, test } from 'vitest';
import { SPEC_DEFAULTS } from '../../src/api/oidcapplication.gen.ts';
import { testNamespace } from '../setup/cluster.ts';
import { application, create } from './server.ts';

const namespace = await testNamespace('defaults');

test.for([
  ['no spec', undefined],
  ['a null spec', null],
  ['an empty spec', {}],
  ['empty objects', { secret: { keys: {} }, rotation: {} }],
] as const)('%s gets every default', async ([, spec]) => {
  const created = await create(namespace, application(spec), { dryRun: true });
  expect(created.spec).toEqual(SPEC_DEFAULTS);
});

test('what spec says stays beside the defaults', async () => {
  const spec = {
    clientID: 'web-shop',
    secret: { name: 'web-oidc', keys: { clientSecret: 'CLIENT_SECRET' } },
    rotation: { every: '720h' },
    deletionPolicy: 'Delete',
  };
  const created = await create(namespace, application(spec), { dryRun: true });
  expect(created.spec).toEqual({
    ...SPEC_DEFAULTS,
    ...spec,
    secret: { name: 'web-oidc', keys: { ...SPEC_DEFAULTS.secret.keys, ...spec.secret.keys } },
    rotation: { every: '720h', retainPreviousFor: '24h' },
  });
});
