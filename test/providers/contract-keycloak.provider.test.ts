import { createProvider } from '../../src/providers/registry.ts';
import { keycloak } from '../keycloak/shared.ts';
import { describeContract } from './contract.ts';
import { keycloakConfig } from './keycloak-fixtures.ts';

const soon = { key: 'retention', value: 'short' };

describeContract('Keycloak', async () => {
  const realm = await keycloak.createRealm();
  await keycloak.setPolicies(realm, [
    { rotatedExpirationSeconds: 3600 },
    {
      // Long enough to see both secrets work on a busy machine.
      rotatedExpirationSeconds: 15,
      conditions: [
        { condition: 'client-attributes', configuration: { attributes: JSON.stringify([soon]) } },
      ],
    },
  ]);
  const attributes = { [soon.key]: soon.value };
  return {
    provider: createProvider(keycloakConfig(realm, await keycloak.createOperator(realm))),
    newClient: () => keycloak.createClient(realm),
    newClientOfShortRetention: () => keycloak.createClient(realm, { attributes }),
    tokenStatus: (clientID, secret) => keycloak.tokenStatus(realm, clientID, secret),
  };
});
