import { keyOf } from '../../../src/kubernetes/store.ts';
import { type ApplicationRef, previousEnded, revokePrevious, rotateNow } from '../applications.ts';
import { targetOf } from '../changes.ts';
import type { BenchCluster } from '../cluster.ts';
import { forEachConcurrently } from '../concurrency.ts';
import type { OperatorProcess } from '../operator-process.ts';
import { Tracker } from '../tracker.ts';

export interface PreparationOptions {
  readonly cluster: BenchCluster;
  readonly operator: OperatorProcess;
  readonly refs: readonly ApplicationRef[];
  readonly concurrency: number;
}

/** Rotates, so that each application retains a previous secret for `retainPreviousFor` from now. */
export async function retainPrevious(
  options: PreparationOptions,
  retainPreviousFor: string,
): Promise<void> {
  const { cluster, operator, refs, concurrency } = options;
  const { observer, applications } = cluster;
  // A rotation waits for the end of what is retained from the one before.
  const retaining = refs.filter((ref) => observer.secrets.get(keyOf(ref))?.hasPrevious === true);
  const ending = new Tracker(observer, retaining, () => previousEnded);
  await forEachConcurrently(retaining, concurrency, (ref) =>
    ending.change(ref, () => applications.mergePatch(ref, { spec: revokePrevious })),
  );
  if (retaining.length > 0) await ending.completed(() => operator.assertRunning());
  const rotating = new Tracker(observer, refs, (ref) => targetOf('rotate', observer, ref));
  await forEachConcurrently(refs, concurrency, (ref) =>
    rotating.change(ref, () =>
      applications.mergePatch(ref, { spec: rotateNow(retainPreviousFor) }),
    ),
  );
  await rotating.completed(() => operator.assertRunning());
}
