import type { ResourceClient } from '../kubernetes/client.ts';
import { keyOf, type Store } from '../kubernetes/store.ts';
import type { SecretWriter } from './act.ts';
import { APPLICATION_INDEX } from './indexes.ts';
import type { OIDCApplication } from './resources.ts';

export interface Caches {
  readonly applications: {
    readonly store: Store<OIDCApplication>;
    readonly client: ResourceClient<OIDCApplication>;
  };
  readonly writer: SecretWriter;
}

/**
 * Has the caches show an application and its Secrets as they are, whatever their watches have seen
 * so far. A write that failed may have been carried out all the same, and one that was refused was
 * decided on what is not so any more: nothing more is to be decided on it, and status is not to tell it.
 */
export async function refresh({ applications, writer }: Caches, key: string): Promise<void> {
  const application = applications.store.get(key);
  if (application !== undefined) {
    await applications.store.refresh(key, () => applications.client.find(application.metadata));
  }
  for (const secret of writer.secrets.byIndex(APPLICATION_INDEX, key)) {
    await writer.secrets.refresh(keyOf(secret), () => writer.client.find(secret.metadata));
  }
}
