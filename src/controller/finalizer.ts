import { FINALIZER } from '../api/names.ts';
import type { ResourceClient } from '../kubernetes/client.ts';
import { keyOf, type Store } from '../kubernetes/store.ts';
import type { FinalizerAction } from '../rotation/decision.ts';
import type { Gathered } from './gather.ts';
import type { OIDCApplication } from './resources.ts';

/** Sets or removes the operator's finalizer, which the API server refuses if the application has changed. */
export async function writeFinalizer(
  applications: Store<OIDCApplication>,
  client: ResourceClient<OIDCApplication>,
  { application }: Gathered,
  { kind }: FinalizerAction,
): Promise<void> {
  if (application === undefined) throw new Error(`${kind} without an application`);
  const { uid, resourceVersion, finalizers: present = [] } = application.metadata;
  const others = present.filter((finalizer) => finalizer !== FINALIZER);
  const finalizers = kind === 'HoldDeletion' ? [...others, FINALIZER] : others;
  const metadata = { uid, resourceVersion, finalizers };
  await applications.write(keyOf(application), () =>
    client.mergePatch(application.metadata, { metadata }),
  );
}
