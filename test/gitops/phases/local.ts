import { onTestFinished } from 'vitest';
import {
  admin,
  DAY,
  HOUR,
  MINUTE,
  Scene,
  startOperator,
  Workspace,
} from '../../controller/harness.ts';
import { base64, createForeign, issue, issueAndRotate, rotate } from '../../controller/steps.ts';
import { createLimitedOperator } from '../../resilience/limited-operator.ts';
import { eventually, testNamespace } from '../../setup/cluster.ts';
import type { Phase } from './phase.ts';
import { settled, web } from './settled.ts';

const clientSecret = (value: string) => ({ data: { 'client-secret': base64(value) } });

/** A former client secret is put back until that is told. */
async function restoreAgainAndAgain(scene: Scene): Promise<void> {
  const { first } = await issueAndRotate(scene, 'web');
  for (const version of [3, 4]) {
    await scene.tamper('web', clientSecret(first));
    await scene.reaches('web', ({ status }) => {
      if (status?.currentSecret?.version !== version) throw new Error('it was not replaced yet');
    });
  }
}

/** Holds the application by a finalizer of somebody else's for the time of the test. */
async function deleteHeld({ namespace }: Scene): Promise<void> {
  const ref = { namespace, name: 'web' };
  const finalizers = (value: string[] | null) =>
    admin.applications.mergePatch(ref, { metadata: { finalizers: value } });
  await finalizers(['example.com/hold']);
  onTestFinished(async () => {
    await finalizers(null);
  });
  await admin.applications.delete(ref);
}

/** Where the backing Secret is the authority. */
export const localPhases: readonly Phase[] = [
  {
    name: 'created, and not looked at yet',
    argocd: 'Progressing',
    kstatus: 'InProgress',
    async reach() {
      const namespace = await testNamespace();
      await new Workspace(namespace).create('web');
      return await web(namespace);
    },
  },
  {
    name: 'status was lost',
    argocd: 'Progressing',
    kstatus: 'InProgress',
    async reach() {
      const scene = await Scene.start();
      await issue(scene, 'web');
      await scene.handle.stop();
      const ref = { namespace: scene.namespace, name: 'web' };
      await admin.applications.mergePatch(ref, { status: null }, { subresource: 'status' });
      return await web(scene.namespace);
    },
  },
  {
    name: 'issued',
    argocd: 'Healthy',
    kstatus: 'Current',
    tells: 'Ready',
    async reach() {
      const scene = await Scene.start();
      await issue(scene, 'web');
      return await settled(scene, { Ready: 'Published', PreviousSecretRetained: 'NeverRotated' });
    },
  },
  {
    name: 'spec was edited, and not looked at yet',
    argocd: 'Progressing',
    kstatus: 'InProgress',
    async reach() {
      const scene = await Scene.start();
      await issue(scene, 'web');
      await scene.handle.stop();
      await scene.edit('web', { rotation: { rotateAfter: scene.time() } });
      return await web(scene.namespace);
    },
  },
  {
    name: 'rotated, the previous secret retained',
    argocd: 'Healthy',
    kstatus: 'Current',
    tells: 'Ready',
    async reach() {
      const scene = await Scene.start();
      await issueAndRotate(scene, 'web');
      return await settled(scene, { Ready: 'Published', PreviousSecretRetained: 'Retained' });
    },
  },
  {
    name: 'revoked, the statement left in Git',
    argocd: 'Healthy',
    kstatus: 'Current',
    tells: 'Ready',
    async reach() {
      const scene = await Scene.start();
      await issueAndRotate(scene, 'web');
      await scene.edit('web', { revokePreviousSecret: true });
      return await settled(scene, { Ready: 'Published', PreviousSecretRetained: 'Revoked' });
    },
  },
  {
    name: 'after an incident',
    argocd: 'Healthy',
    kstatus: 'Current',
    tells: 'Ready',
    async reach() {
      const scene = await Scene.start();
      await issueAndRotate(scene, 'web');
      await scene.edit('web', { revokeIssuedBefore: scene.time() });
      await scene.published('web', 3);
      return await settled(scene, { Ready: 'Published', PreviousSecretRetained: 'Revoked' });
    },
  },
  {
    name: 'the previous secret has expired',
    argocd: 'Healthy',
    kstatus: 'Current',
    tells: 'Ready',
    async reach() {
      const scene = await Scene.start();
      await issueAndRotate(scene, 'web');
      scene.clock.advance(DAY);
      return await settled(scene, { Ready: 'Published', PreviousSecretRetained: 'Expired' });
    },
  },
  {
    name: 'rotated, nothing retained',
    argocd: 'Healthy',
    kstatus: 'Current',
    tells: 'Ready',
    async reach() {
      const scene = await Scene.start();
      await issue(scene, 'web', { rotation: { retainPreviousFor: '0s' } });
      await rotate(scene, 'web');
      return await settled(scene, { Ready: 'Published', PreviousSecretRetained: 'NotRetained' });
    },
  },
  {
    name: 'a rotation waits for the end of the previous secret',
    argocd: 'Healthy',
    kstatus: 'Current',
    tells: 'RotationHeld',
    async reach() {
      const scene = await Scene.start();
      await issueAndRotate(scene, 'web');
      await scene.edit('web', { rotation: { rotateAfter: scene.time() } });
      return await settled(scene, {
        Ready: 'RotationHeld',
        RotationHeld: 'PreviousSecretRetained',
      });
    },
  },
  {
    name: 'a rotation is due while revokePreviousSecret is true',
    argocd: 'Healthy',
    kstatus: 'Current',
    tells: 'RotationHeld',
    async reach() {
      const scene = await Scene.start();
      const rotation = { rotateAfter: scene.time(HOUR) };
      await issue(scene, 'web', { rotation, revokePreviousSecret: true });
      scene.clock.advance(HOUR);
      return await settled(scene, {
        Ready: 'RotationHeld',
        RotationHeld: 'RevokePreviousSecretIsTrue',
      });
    },
  },
  {
    name: 'the operator pauses rotations',
    argocd: 'Healthy',
    kstatus: 'Current',
    tells: 'RotationHeld',
    async reach() {
      const scene = await Scene.start();
      await issue(scene, 'web');
      await scene.handle.stop();
      const { namespace, clock } = scene;
      await startOperator({ namespaces: [namespace], clock, pauseRotations: true });
      await scene.edit('web', { rotation: { rotateAfter: scene.time() } });
      return await settled(scene, { Ready: 'RotationHeld', RotationHeld: 'RotationsPaused' });
    },
  },
  {
    name: 'suspended',
    argocd: 'Suspended',
    kstatus: 'Current',
    tells: 'Ready',
    async reach() {
      const scene = await Scene.start();
      await issue(scene, 'web');
      await scene.edit('web', { suspend: true });
      return await settled(scene, { Ready: 'Suspended' });
    },
  },
  {
    name: 'suspended while a rotation is due',
    argocd: 'Suspended',
    kstatus: 'Current',
    tells: 'Ready',
    async reach() {
      const scene = await Scene.start();
      await issue(scene, 'web');
      await scene.edit('web', { suspend: true, rotation: { rotateAfter: scene.time() } });
      return await settled(scene, { Ready: 'Suspended', RotationHeld: 'Suspended' });
    },
  },
  {
    name: 'suspended before anything was issued',
    argocd: 'Suspended',
    kstatus: 'InProgress',
    tells: 'Ready',
    async reach() {
      const scene = await Scene.start();
      await scene.create('web', { suspend: true });
      return await settled(scene, { Ready: 'Suspended' });
    },
  },
  {
    name: 'suspended while an incident asks for a new secret',
    argocd: 'Suspended',
    kstatus: 'InProgress',
    tells: 'Ready',
    async reach() {
      const scene = await Scene.start();
      await issue(scene, 'web');
      await scene.edit('web', { suspend: true, revokeIssuedBefore: scene.time() });
      return await settled(scene, { Ready: 'Suspended', RotationHeld: 'Suspended' });
    },
  },
  {
    name: 'a time too far ahead',
    argocd: 'Degraded',
    kstatus: 'Failed',
    tells: 'Stalled',
    async reach() {
      const scene = await Scene.start();
      await scene.create('web', { revokeRetiredBefore: scene.time(DAY) });
      return await settled(scene, { Ready: 'InvalidSpec', Stalled: 'InvalidSpec' });
    },
  },
  {
    name: "the Secret is somebody else's",
    argocd: 'Degraded',
    kstatus: 'Failed',
    tells: 'Stalled',
    async reach() {
      const scene = await Scene.start();
      await createForeign(scene, 'web');
      await scene.create('web');
      return await settled(scene, { Ready: 'SecretConflict', Stalled: 'SecretConflict' });
    },
  },
  {
    name: 'the Secret is immutable',
    argocd: 'Degraded',
    kstatus: 'Failed',
    tells: 'Stalled',
    async reach() {
      const scene = await Scene.start();
      await issueAndRotate(scene, 'web');
      await scene.tamper('web', { immutable: true });
      await scene.edit('web', { revokePreviousSecret: true });
      return await settled(scene, {
        Stalled: 'SecretImmutable',
        PreviousSecretRetained: 'RevocationPending',
      });
    },
  },
  {
    name: 'an annotation of the Secret cannot be read',
    argocd: 'Degraded',
    kstatus: 'Failed',
    tells: 'Stalled',
    async reach() {
      const scene = await Scene.start();
      await issue(scene, 'web');
      await scene.tamper('web', { metadata: { annotations: { 'keyturn.dev/state': '{' } } });
      return await settled(scene, { Stalled: 'SecretMalformed' });
    },
  },
  {
    name: 'somebody puts a former secret back again and again',
    argocd: 'Degraded',
    kstatus: 'Failed',
    tells: 'Stalled',
    async reach() {
      const scene = await Scene.start();
      await restoreAgainAndAgain(scene);
      return await settled(scene, { Stalled: 'FormerSecretRestored' });
    },
  },
  {
    name: 'the Secret of a former application is being deleted',
    argocd: 'Progressing',
    kstatus: 'InProgress',
    tells: 'Ready',
    async reach() {
      const scene = await Scene.start();
      await createForeign(scene, 'web');
      const finalizers = (value: string[] | null) =>
        scene.tamper('web', { metadata: { finalizers: value } });
      await finalizers(['example.com/hold']);
      onTestFinished(async () => {
        await finalizers(null);
      });
      await admin.secrets.delete({ namespace: scene.namespace, name: 'web' });
      await scene.create('web');
      return await settled(scene, { Ready: 'SecretTerminating' });
    },
  },
  {
    name: 'the clocks differ',
    argocd: 'Degraded',
    kstatus: 'InProgress',
    tells: 'Ready',
    async reach() {
      const scene = await Scene.start();
      await issueAndRotate(scene, 'web');
      scene.clock.step(DAY + MINUTE);
      return await settled(scene, {
        Ready: 'ClockSkew',
        PreviousSecretRetained: 'RevocationPending',
      });
    },
  },
  {
    name: 'the Secret cannot be written',
    argocd: 'Degraded',
    kstatus: 'InProgress',
    tells: 'Ready',
    async reach() {
      const scene = await Scene.start();
      await issueAndRotate(scene, 'web');
      await scene.handle.stop();
      const { namespace, clock } = scene;
      const { kubeConfig } = await createLimitedOperator();
      await startOperator({ namespaces: [namespace], clock, kubeConfig });
      await scene.edit('web', { revokePreviousSecret: true });
      return await settled(scene, {
        Ready: 'SecretWriteFailed',
        PreviousSecretRetained: 'RevocationFailed',
      });
    },
  },
  {
    name: 'being deleted',
    argocd: 'Progressing',
    kstatus: 'Terminating',
    async reach() {
      const scene = await Scene.start();
      await issue(scene, 'web');
      await deleteHeld(scene);
      return await eventually(async () => {
        const object = await web(scene.namespace);
        if (object.metadata.deletionTimestamp === undefined) throw new Error('not deleted yet');
        return object;
      });
    },
  },
];
