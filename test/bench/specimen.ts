import { mergePatch } from '../../src/api/merge-patch.ts';
import { ResourceClient } from '../../src/kubernetes/client.ts';
import { type JsonObject, objectAt } from '../../src/kubernetes/json.ts';
import type { KubernetesObject, Resource } from '../../src/kubernetes/resource.ts';
import { createTransport, type Transport } from '../../src/kubernetes/transport.ts';
import {
  type ApplicationRef,
  namespaceName,
  newApplication,
  previousEnded,
  published,
  revokePrevious,
  rotateNow,
} from './applications.ts';
import type { BenchCluster } from './cluster.ts';
import { applicationResource, secretResource } from './observed.ts';
import type { OperatorProcess } from './operator-process.ts';
import type { BulkPhase } from './report.ts';
import { type Target, Tracker } from './tracker.ts';

/** What the operator writes of an application, as JSON merge patches. */
export interface Writes {
  readonly secret: JsonObject;
  readonly status: JsonObject;
}

interface Content extends KubernetesObject {
  readonly content: JsonObject;
}

const secretContent: Resource<Content> = {
  ...secretResource,
  parse(raw) {
    const metadata = objectAt(raw, 'metadata');
    const labels = objectAt(metadata, 'labels');
    const annotations = objectAt(metadata, 'annotations');
    const content = { metadata: { labels, annotations }, data: objectAt(raw, 'data') };
    return { metadata: { name: '' }, content };
  },
};

const statusContent: Resource<Content> = {
  ...applicationResource,
  parse: (raw) => ({ metadata: { name: '' }, content: { status: objectAt(raw, 'status') } }),
};

/**
 * Takes one application through all bulk phases and tells what the operator wrote in each, so that
 * the bare client can write as much.
 */
export async function takeSpecimen(
  cluster: BenchCluster,
  operator: OperatorProcess,
): Promise<Readonly<Record<BulkPhase, Writes>>> {
  const ref: ApplicationRef = { namespace: namespaceName(0), name: 'app-000000' };
  const transport = createTransport({ kubeConfig: cluster.adminKubeConfig.kubeConfig });
  try {
    const read = contentReader(transport, ref);
    const after = async (target: Target, write: () => Promise<unknown>) => {
      const tracker = new Tracker(cluster.observer, [ref], () => target);
      await tracker.change(ref, write);
      await tracker.completed(() => operator.assertRunning());
      return await read();
    };
    const { applications } = cluster;
    const nothing = { secret: {}, status: {} };
    const created = await after(published(1), () => applications.create(newApplication(ref)));
    const rotated = await after(published(2), () =>
      applications.mergePatch(ref, { spec: rotateNow() }),
    );
    const revoked = await after(previousEnded, () =>
      applications.mergePatch(ref, { spec: revokePrevious }),
    );
    return {
      create: difference(nothing, created),
      rotate: difference(created, rotated),
      revoke: difference(rotated, revoked),
    };
  } finally {
    await transport.close();
  }
}

function contentReader(transport: Transport, ref: ApplicationRef): () => Promise<Writes> {
  const secrets = new ResourceClient(transport, secretContent);
  const applications = new ResourceClient(transport, statusContent);
  return async () => ({
    secret: (await secrets.get(ref)).content,
    status: (await applications.get(ref)).content,
  });
}

function difference(before: Writes, after: Writes): Writes {
  return {
    secret: mergePatch(before.secret, after.secret) ?? {},
    status: mergePatch(before.status, after.status) ?? {},
  };
}
