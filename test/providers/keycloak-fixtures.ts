import { onTestFinished } from 'vitest';
import type { ClientCredentials, KeycloakConfig } from '../../src/providers/config.ts';
import type { ClientSecrets, IdentityProvider } from '../../src/providers/port.ts';
import { ProviderError } from '../../src/providers/provider-error.ts';
import { createProvider } from '../../src/providers/registry.ts';
import { type KeycloakProxy, startKeycloakProxy } from '../keycloak/proxy.ts';
import { keycloak } from '../keycloak/shared.ts';

/** The configuration of a provider for a realm of the shared Keycloak. */
export function keycloakConfig(
  realm: string,
  credentials: ClientCredentials,
  changes: Partial<KeycloakConfig> = {},
): KeycloakConfig {
  return {
    kind: 'keycloak',
    url: keycloak.url,
    realm,
    authRealm: realm,
    managePolicy: false,
    credentials,
    insecure: true,
    caBundle: undefined,
    requestTimeoutMs: 60_000,
    requestsPerSecond: 200,
    ...changes,
  };
}

/** A provider that is closed after the test. */
export function openProvider(config: KeycloakConfig): IdentityProvider {
  const provider = createProvider(config);
  onTestFinished(() => provider.close());
  return provider;
}

/** A proxy in front of the shared Keycloak, for one test. */
export async function startProxy(): Promise<KeycloakProxy> {
  const proxy = await startKeycloakProxy(keycloak.url);
  onTestFinished(() => proxy.stop());
  return proxy;
}

/** Long enough for a busy machine. */
export function signal(): AbortSignal {
  return AbortSignal.timeout(120_000);
}

/** The current secret, which must be told. */
export function currentOf({ current }: ClientSecrets) {
  if (current === undefined) throw new Error('the current secret is not told');
  return current;
}

/** Resolves to the ProviderError that a call ends with. */
export async function errorOf(call: Promise<unknown>): Promise<ProviderError> {
  const error = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof ProviderError) return error;
  throw new Error('the call did not end with a ProviderError', { cause: error });
}
