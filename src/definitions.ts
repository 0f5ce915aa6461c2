import { GROUP, PLURAL, VERSION } from './api/names.ts';
import { isNotFound } from './kubernetes/api-error.ts';
import { arrayAt, stringAt } from './kubernetes/json.ts';
import { sleep } from './kubernetes/sleep.ts';
import type { Transport } from './kubernetes/transport.ts';

const RETRY_MS = 5_000;

export interface DefinitionsOptions {
  readonly transport: Transport;
  readonly clusterProviders: boolean;
  /** Told of a definition that is missing, each time. */
  readonly onMissing: (definition: string) => void;
}

/**
 * Waits until the API server serves the custom resources; false where the signal aborted first.
 *
 * @throws {NetworkError} if the API server cannot be reached
 */
export async function whenDefined(
  { transport, clusterProviders, onMissing }: DefinitionsOptions,
  signal: AbortSignal,
): Promise<boolean> {
  const needed = [PLURAL, 'oidcproviders', ...(clusterProviders ? ['clusteroidcproviders'] : [])];
  while (!signal.aborted) {
    const served = await servedResources(transport, signal);
    const missing = needed.find((plural) => !served.has(plural));
    if (missing === undefined) return true;
    onMissing(`the CustomResourceDefinition ${missing}.${GROUP}`);
    await sleep(RETRY_MS, signal);
  }
  return false;
}

async function servedResources(
  transport: Transport,
  signal: AbortSignal,
): Promise<ReadonlySet<string | undefined>> {
  const path = `/apis/${GROUP}/${VERSION}`;
  try {
    const found = await transport.request({ method: 'GET', path, signal });
    return new Set(arrayAt(found, 'resources').map((resource) => stringAt(resource, 'name')));
  } catch (error) {
    if (isNotFound(error)) return new Set();
    throw error;
  }
}
