import type { ProviderConfig } from './config.ts';
import { createHttpClient } from './http.ts';
import { createKeycloakProvider } from './keycloak/provider.ts';
import { createPingOneProvider } from './pingone/provider.ts';
import { systemTiming, type Timing } from './pingone/timing.ts';
import type { IdentityProvider } from './port.ts';

/**
 * The provider of the kind that its configuration names; nothing is sent before its first use. It
 * closes `http` with itself.
 */
export function createProvider(
  config: ProviderConfig,
  http = createHttpClient(config),
  timing: Timing = systemTiming,
): IdentityProvider {
  switch (config.kind) {
    case 'keycloak':
      return createKeycloakProvider(config, http);
    case 'pingone':
      return createPingOneProvider(config, http, timing);
  }
}
