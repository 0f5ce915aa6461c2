import { ResourceClient } from '../../src/kubernetes/client.ts';
import { objectAt } from '../../src/kubernetes/json.ts';
import { createTransport } from '../../src/kubernetes/transport.ts';
import type { ApplicationRef } from './applications.ts';
import { writeSpec } from './changes.ts';
import type { BenchCluster } from './cluster.ts';
import { forEachConcurrently } from './concurrency.ts';
import { applicationResource, secretResource } from './observed.ts';
import type { BulkPhase } from './report.ts';
import type { Writes } from './specimen.ts';

export interface CeilingOptions {
  readonly cluster: BenchCluster;
  readonly refs: readonly ApplicationRef[];
  /** The same for each application. */
  readonly writes: Readonly<Record<BulkPhase, Writes>>;
  /** How many applications are written at once. */
  readonly concurrency: number;
}

export interface CeilingRate {
  readonly phase: BulkPhase;
  /** Applications per second. */
  readonly perSecond: number;
}

/**
 * Makes the writes of some bulk phases without any logic: spec as the load generator, then Secret
 * and status with the operator's credentials.
 */
export async function measureCeiling(
  options: CeilingOptions,
  phases: readonly BulkPhase[],
): Promise<CeilingRate[]> {
  const { cluster, refs, concurrency } = options;
  const { kubeConfig } = cluster.operatorKubeConfig;
  const transport = createTransport({ kubeConfig, connections: concurrency });
  const secrets = new ResourceClient(transport, secretResource, { fieldManager: 'keyturn' });
  const applications = new ResourceClient(transport, applicationResource, {
    fieldManager: 'keyturn',
  });
  const rates: CeilingRate[] = [];
  try {
    for (const phase of phases) {
      const { secret, status } = options.writes[phase];
      const startedAt = performance.now();
      await forEachConcurrently(refs, concurrency, async (ref) => {
        await writeSpec(phase, cluster.applications, ref);
        if (phase === 'create') {
          const metadata = { ...objectAt(secret, 'metadata'), ...ref };
          await secrets.create({ ...secret, metadata });
        } else await secrets.mergePatch(ref, secret);
        await applications.mergePatch(ref, status, { subresource: 'status' });
      });
      const perSecond = refs.length / ((performance.now() - startedAt) / 1000);
      rates.push({ phase, perSecond });
    }
    return rates;
  } finally {
    await transport.close();
  }
}
