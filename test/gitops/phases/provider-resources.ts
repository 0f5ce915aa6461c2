import { onTestFinished } from 'vitest';
import type { ClusterOIDCProviderSpec } from '../../../src/api/oidcprovider.gen.ts';
import type { ProviderKind, ProviderObject } from '../../../src/controller/providers/resources.ts';
import {
  ProviderRig,
  pingOneSpec,
  workerCredentials,
} from '../../controller-providers/provider-rig.ts';
import type { SimulatorOptions } from '../../simulators/pingone/options.ts';
import {
  type PingOneSimulator,
  startPingOneSimulator,
} from '../../simulators/pingone/simulator.ts';
import { type LiveObject, liveClient } from '../live.ts';
import type { Phase } from './phase.ts';

interface Setting {
  readonly rig: ProviderRig;
  readonly pingone: PingOneSimulator;
  /** Creates the provider, with credentials that work unless `values` are others. */
  readonly create: (values?: Readonly<Record<string, string>>) => Promise<ProviderObject>;
}

async function setting(
  kind: ProviderKind,
  options: SimulatorOptions = {},
  overrides: Partial<ClusterOIDCProviderSpec> = {},
): Promise<Setting> {
  const pingone = await startPingOneSimulator({ rateLimit: 'none', ...options });
  onTestFinished(() => pingone.stop());
  const rig = await ProviderRig.start({ clusterProviders: kind === 'ClusterOIDCProvider' });
  return {
    rig,
    pingone,
    async create(values = workerCredentials(pingone)) {
      await rig.setSecret('credentials', values);
      const spec = { ...pingOneSpec(pingone), ...overrides };
      return await rig.create(kind, rig.namespace, spec);
    },
  };
}

async function live({ kind, metadata }: ProviderObject): Promise<LiveObject> {
  return await liveClient(kind).get(metadata);
}

function unready(
  kind: ProviderKind,
  reason: string,
  reach: (s: Setting) => Promise<ProviderObject>,
) {
  return {
    name: `${kind}: ${reason}`,
    argocd: reason === 'RateLimited' ? 'Progressing' : 'Degraded',
    kstatus: 'InProgress',
    tells: 'Ready',
    async reach() {
      const place = await setting(kind, { switches: { denial: 'accessFailed' } });
      const provider = await reach(place);
      return await live(await place.rig.settles(provider, 'False', reason));
    },
  } as const satisfies Phase;
}

/** Whatever is asked of the provider's management API is answered with this HTTP status. */
const answered = (status: number) => (place: Setting) => {
  place.pingone.faults.arm(
    { server: 'api' },
    { kind: 'answer', when: 'before', status },
    1_000_000,
  );
  return place.create();
};

function phasesOf(kind: ProviderKind): readonly Phase[] {
  return [
    {
      name: `${kind}: created, and not looked at yet`,
      argocd: 'Progressing',
      kstatus: 'InProgress',
      async reach() {
        const { rig, create } = await setting(kind);
        await rig.controller.stop();
        return await live(await create());
      },
    },
    {
      name: `${kind}: in order`,
      argocd: 'Healthy',
      kstatus: 'Current',
      tells: 'Ready',
      async reach() {
        const { rig, create } = await setting(kind);
        return await live(await rig.settles(await create(), 'True', 'Checked'));
      },
    },
    {
      name: `${kind}: edited, and not looked at yet`,
      argocd: 'Progressing',
      kstatus: 'InProgress',
      async reach() {
        const { rig, create } = await setting(kind);
        const provider = await rig.settles(await create(), 'True', 'Checked');
        await rig.controller.stop();
        return await live(await rig.edit(provider, { resyncInterval: '1h' }));
      },
    },
    {
      name: `${kind}: being deleted`,
      argocd: 'Progressing',
      kstatus: 'Terminating',
      async reach() {
        const { rig, create } = await setting(kind);
        const client = liveClient(kind);
        const ref = { namespace: rig.namespace, name: rig.namespace };
        const finalizers = (value: string[] | null) =>
          client.mergePatch(ref, { metadata: { finalizers: value } });
        onTestFinished(async () => {
          await finalizers(null);
        });
        const provider = await create();
        await finalizers(['example.com/hold']);
        await rig.delete(provider);
        return await live(provider);
      },
    },
    unready(kind, 'CredentialsNotFound', ({ create }) => create({ other: 'value' })),
    unready(kind, 'ProviderUnauthorized', ({ create, pingone }) =>
      create({ ...workerCredentials(pingone), 'client-secret': 'another' }),
    ),
    unready(kind, 'ProviderForbidden', ({ create, pingone }) => {
      pingone.deny('applications:read:application');
      return create();
    }),
    unready(kind, 'ProviderUnavailable', answered(503)),
    unready(kind, 'ProviderRejected', answered(400)),
    unready(kind, 'RateLimited', answered(429)),
    {
      name: `${kind}: InvalidSpec`,
      argocd: 'Degraded',
      kstatus: 'InProgress',
      tells: 'Ready',
      async reach() {
        const caBundle = Buffer.from('no certificate').toString('base64');
        const { rig, create } = await setting(kind, {}, { caBundle });
        return await live(await rig.settles(await create(), 'False', 'InvalidSpec'));
      },
    },
  ];
}

export const providerResourcePhases: readonly Phase[] = [
  ...phasesOf('OIDCProvider'),
  ...phasesOf('ClusterOIDCProvider'),
];
