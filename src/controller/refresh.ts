import { isNotFound } from '../kubernetes/api-error.ts';
import { keyOf } from '../kubernetes/store.ts';
import type { SecretWriter } from './act.ts';
import { APPLICATION_INDEX } from './indexes.ts';

/**
 * Has the cache show an application's Secrets as they are, whatever its watch has seen so far: status
 * must not tell of a Secret as it was before a write of our own whose answer was lost.
 */
export async function refreshSecrets(
  { secrets, client }: SecretWriter,
  key: string,
): Promise<void> {
  for (const secret of secrets.byIndex(APPLICATION_INDEX, key)) {
    try {
      await secrets.write(keyOf(secret), () => client.get(secret.metadata));
    } catch (error) {
      // Of a deletion the watch tells.
      if (!isNotFound(error)) throw error;
    }
  }
}
