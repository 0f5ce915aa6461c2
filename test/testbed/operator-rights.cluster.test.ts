import { AuthorizationV1Api, type V1ResourceAttributes } from '@kubernetes/client-node';
import { expect, test } from 'vitest';
import { operatorKubeConfig } from '../setup/cluster.ts';

const { kubeConfig } = await operatorKubeConfig();
const authorization = kubeConfig.makeApiClient(AuthorizationV1Api);

async function mayOperator(resourceAttributes: V1ResourceAttributes): Promise<boolean> {
  const review = await authorization.createSelfSubjectAccessReview({
    body: { spec: { resourceAttributes } },
  });
  return review.status?.allowed ?? false;
}

const applications = { group: 'keyturn.dev', resource: 'oidcapplications', namespace: 'shop' };
const providers = { group: 'keyturn.dev', resource: 'oidcproviders', namespace: 'shop' };
const clusterProviders = { group: 'keyturn.dev', resource: 'clusteroidcproviders' };
const secrets = { group: '', resource: 'secrets', namespace: 'shop' };
const events = { group: 'events.k8s.io', resource: 'events', namespace: 'shop' };
const leases = { group: 'coordination.k8s.io', resource: 'leases', namespace: 'keyturn-system' };

test.for<[string, V1ResourceAttributes]>([
  ['watch applications', { ...applications, verb: 'watch' }],
  ['patch their status', { ...applications, verb: 'patch', subresource: 'status' }],
  ['patch their finalizers', { ...applications, verb: 'patch' }],
  ['watch OIDCProviders', { ...providers, verb: 'watch' }],
  ['patch their status', { ...providers, verb: 'patch', subresource: 'status' }],
  ['watch ClusterOIDCProviders', { ...clusterProviders, verb: 'watch' }],
  ['patch their status', { ...clusterProviders, verb: 'patch', subresource: 'status' }],
  ['watch Namespaces', { group: '', resource: 'namespaces', verb: 'watch' }],
  ['list Secrets', { ...secrets, verb: 'list' }],
  ['create Secrets', { ...secrets, verb: 'create' }],
  ['patch Secrets', { ...secrets, verb: 'patch' }],
  ['delete Secrets', { ...secrets, verb: 'delete' }],
  ['create events', { ...events, verb: 'create' }],
  ['patch events', { ...events, verb: 'patch' }],
  ['create its Lease', { ...leases, verb: 'create' }],
  ['update its Lease', { ...leases, verb: 'update', name: 'keyturn' }],
])('the operator may %s', async ([, attributes]) => {
  expect(await mayOperator(attributes)).toBe(true);
});

test.for<[string, V1ResourceAttributes]>([
  ['update applications', { ...applications, verb: 'update' }],
  ['delete applications', { ...applications, verb: 'delete' }],
  ['patch OIDCProviders', { ...providers, verb: 'patch' }],
  ['patch ClusterOIDCProviders', { ...clusterProviders, verb: 'patch' }],
  ['patch Namespaces', { group: '', resource: 'namespaces', verb: 'patch' }],
  ['delete Secrets by the collection', { ...secrets, verb: 'deletecollection' }],
  ['update the Leases of others', { ...leases, verb: 'update', name: 'another' }],
  ['create Leases elsewhere', { ...leases, verb: 'create', namespace: 'shop' }],
  ['read ConfigMaps', { group: '', resource: 'configmaps', namespace: 'shop', verb: 'get' }],
  ['do everything', { group: '*', resource: '*', verb: '*' }],
])('the operator may not %s', async ([, attributes]) => {
  expect(await mayOperator(attributes)).toBe(false);
});
