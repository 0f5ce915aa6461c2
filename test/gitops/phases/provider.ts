import { admin, DAY, MINUTE } from '../../controller/harness.ts';
import { whenEnded } from '../../controller/steps.ts';
import { pingOneSpec, workerCredentials } from '../../controller-providers/provider-rig.ts';
import { Stage } from '../../controller-providers/stage.ts';
import { eventually } from '../../setup/cluster.ts';
import type { Matching } from '../../simulators/pingone/faults.ts';
import type { ApplicationSpec } from '../../simulators/pingone/tenant.ts';
import type { Phase } from './phase.ts';
import { settled, web } from './settled.ts';

const EVERY_TIME = 1_000_000;
const SECRETS: Matching = { server: 'api', path: /\/secret$/ };

/** Nobody can publish the client's secret until somebody changes something. */
function stalled(reason: string, reach: (stage: Stage) => Promise<unknown>): Phase {
  return {
    name: reason,
    argocd: 'Degraded',
    kstatus: 'Failed',
    tells: 'Stalled',
    async reach() {
      const stage = await Stage.start();
      await reach(stage);
      return await settled(stage.scene, { Ready: reason, Stalled: reason });
    },
  };
}

/** The client is not what can be managed. */
function unsuited(reason: string, client: ApplicationSpec): Phase {
  return stalled(reason, (stage) => stage.create('web', {}, client));
}

/** Every question about the client's secrets is answered with this HTTP status. */
function answered(reason: string, status: number, argocd: Phase['argocd']): Phase {
  return {
    name: `${reason}, as it answers ${status}`,
    argocd,
    kstatus: 'InProgress',
    tells: 'Ready',
    async reach() {
      const stage = await Stage.start();
      stage.pingone.faults.arm(SECRETS, { kind: 'answer', when: 'before', status }, EVERY_TIME);
      await stage.create('web');
      return await settled(stage.scene, { Ready: reason });
    },
  };
}

async function refer(stage: Stage, clientID: string, name = 'pingone', kind = 'OIDCProvider') {
  const { namespace } = stage.scene;
  await admin.applications.create({
    apiVersion: 'keyturn.dev/v1alpha1',
    kind: 'OIDCApplication',
    metadata: { namespace, name: 'web' },
    spec: { clientID, providerRef: { kind, name } },
  });
}

/** Where an identity provider is the authority. */
export const providerPhases: readonly Phase[] = [
  {
    name: 'published and rotated',
    argocd: 'Healthy',
    kstatus: 'Current',
    tells: 'Ready',
    async reach() {
      const stage = await Stage.start();
      await stage.publishAndRotate('web');
      return await settled(stage.scene, { Ready: 'Published', PreviousSecretRetained: 'Retained' });
    },
  },
  {
    name: 'a new secret that the provider does not accept yet',
    argocd: 'Progressing',
    kstatus: 'InProgress',
    tells: 'Ready',
    async reach() {
      const stage = await Stage.start();
      await stage.publish('web');
      stage.pingone.letNewLag(true);
      await stage.scene.edit('web', { rotation: { rotateAfter: stage.scene.time() } });
      return await settled(stage.scene, { Ready: 'RotationPending' });
    },
  },
  {
    name: 'a revoked secret that the provider still accepts',
    argocd: 'Progressing',
    kstatus: 'InProgress',
    tells: 'Ready',
    async reach() {
      const stage = await Stage.start();
      await stage.publishAndRotate('web');
      stage.pingone.letRevokedLinger(true);
      await stage.scene.edit('web', { revokePreviousSecret: true });
      return await settled(stage.scene, {
        Ready: 'RevocationPending',
        PreviousSecretRetained: 'RevocationPending',
      });
    },
  },
  {
    name: 'a revocation that waits for the provider',
    argocd: 'Degraded',
    kstatus: 'InProgress',
    tells: 'Ready',
    async reach() {
      const stage = await Stage.start();
      await stage.publishAndRotate('web');
      stage.pingone.faults.arm({}, { kind: 'drop', when: 'before' }, EVERY_TIME);
      await stage.scene.edit('web', { revokePreviousSecret: true });
      return await settled(stage.scene, {
        Ready: 'ProviderUnavailable',
        PreviousSecretRetained: 'RevocationFailed',
      });
    },
  },
  {
    name: 'a revocation that the operator is not allowed',
    argocd: 'Degraded',
    kstatus: 'Failed',
    tells: 'Stalled',
    async reach() {
      const stage = await Stage.start();
      await stage.publishAndRotate('web');
      stage.pingone.deny('applications:delete:secret');
      await stage.scene.edit('web', { revokePreviousSecret: true });
      return await settled(stage.scene, {
        Stalled: 'ProviderForbidden',
        PreviousSecretRetained: 'RevocationFailed',
      });
    },
  },
  {
    name: 'somebody else retained a secret, which revokePreviousSecret does not end',
    argocd: 'Healthy',
    kstatus: 'Current',
    tells: 'PreviousSecretRetained',
    async reach() {
      const stage = await Stage.start({}, { resyncInterval: '1m' });
      await stage.publish('web', { revokePreviousSecret: true });
      stage.rotateByHand('web', DAY);
      stage.scene.clock.advance(2 * MINUTE);
      return await settled(stage.scene, {
        Ready: 'Published',
        PreviousSecretRetained: 'RevocationHeld',
      });
    },
  },
  {
    name: 'somebody else revoked there',
    argocd: 'Healthy',
    kstatus: 'Current',
    tells: 'Ready',
    async reach() {
      const stage = await Stage.start({}, { resyncInterval: '1m' });
      await stage.publishAndRotate('web');
      stage.revokeByHand('web');
      stage.scene.clock.advance(2 * MINUTE);
      await whenEnded(stage.scene, 'web', 'Removed');
      return await settled(stage.scene, { Ready: 'Published', PreviousSecretRetained: 'Revoked' });
    },
  },
  {
    name: 'being deleted, until the previous secret has ended at the provider',
    argocd: 'Progressing',
    kstatus: 'Terminating',
    async reach() {
      const stage = await Stage.start();
      await stage.publishAndRotate('web', { deletionPolicy: 'Delete' });
      stage.pingone.deny('applications:delete:secret');
      const { namespace } = stage.scene;
      await admin.applications.delete({ namespace, name: 'web' });
      return await eventually(async () => {
        const object = await web(namespace);
        if (object.metadata.deletionTimestamp === undefined) throw new Error('not deleted yet');
        return object;
      });
    },
  },
  {
    name: 'the provider is not in order',
    argocd: 'Degraded',
    kstatus: 'InProgress',
    tells: 'Ready',
    async reach() {
      const stage = await Stage.start();
      await stage.editProvider('pingone', { credentialsSecretRef: { name: 'missing' } });
      await refer(stage, 'client');
      return await settled(stage.scene, { Ready: 'ProviderNotReady' });
    },
  },
  answered('ProviderUnavailable', 503, 'Degraded'),
  answered('ProviderRejected', 400, 'Degraded'),
  answered('RateLimited', 429, 'Progressing'),
  stalled('ProviderUnauthorized', async (stage) => {
    stage.pingone.faults.arm(SECRETS, { kind: 'answer', when: 'before', status: 401 }, EVERY_TIME);
    await stage.create('web');
  }),
  stalled('ProviderNotFound', (stage) => refer(stage, 'client', 'missing')),
  stalled('ClientNotGranted', (stage) => refer(stage, 'client', 'other', 'ClusterOIDCProvider')),
  stalled('OwnClient', (stage) => refer(stage, stage.pingone.worker.clientID)),
  stalled('ClientNotFound', (stage) => refer(stage, 'unknown')),
  unsuited('NotOIDCApplication', { protocol: 'SAML' }),
  unsuited('NotConfidentialClient', { tokenEndpointAuthMethod: 'NONE' }),
  stalled('ClientClaimed', async (stage) => {
    await stage.publish('older');
    const { creationTimestamp } = (await stage.scene.application('older')).metadata;
    // Times of creation are whole seconds.
    const next = Date.parse(creationTimestamp ?? '') + 1000;
    await eventually(() => {
      if (Date.now() <= next) throw new Error('it is the same second');
    });
    await refer(stage, stage.clientOf('older').clientID);
  }),
  stalled('ProviderChanged', async (stage) => {
    await stage.publishAndRotate('web');
    const elsewhere = await Stage.start();
    await stage.setCredentials(workerCredentials(elsewhere.pingone), 'elsewhere');
    await stage.editProvider('pingone', pingOneSpec(elsewhere.pingone, 'elsewhere'));
  }),
];
