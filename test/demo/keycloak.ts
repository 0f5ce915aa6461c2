import { KeycloakAdmin } from '../keycloak/admin.ts';
import { startKeycloak } from '../keycloak/server.ts';
import type { ControlPlaneAccess } from '../testbed/access.ts';
import { clientID } from './application.ts';
import type { StartAuthorizationServer } from './authorization-server.ts';
import { printTask } from './terminal.ts';

const dayInSeconds = 86_400;

/** A Keycloak with a client, and an OIDCProvider by which the operator manages it. */
export const startKeycloakServer: StartAuthorizationServer = async (cluster, stack) => {
  const admin = await printTask('Keycloak', async () => {
    const { address, stop } = await startKeycloak();
    stack.defer(stop);
    return new KeycloakAdmin(address);
  });
  const realm = await printTask(`a realm with the client ${clientID} and one for Keyturn`, () =>
    admin.createRealm(),
  );
  await admin.setPolicies(realm, [{ rotatedExpirationSeconds: dayInSeconds }]);
  await admin.createClient(realm, { clientId: clientID });
  await printTask('the OIDCProvider keycloak in the namespace shop', () =>
    install(cluster, admin, realm),
  );
  return {
    name: 'Keycloak',
    issuer: `${admin.url}/realms/${realm}`,
    refusal: '401 unauthorized_client',
    reference: ['providerRef: {kind: OIDCProvider, name: keycloak}'],
    beginning:
      'An application is applied. Keyturn publishes the secret that its client has at Keycloak.',
  };
};

async function install(
  cluster: ControlPlaneAccess,
  admin: KeycloakAdmin,
  realm: string,
): Promise<void> {
  const credentials = await admin.createOperator(realm);
  await cluster.apply(`
apiVersion: v1
kind: Secret
metadata: {name: keycloak-credentials, namespace: shop}
stringData:
  client-id: ${credentials.clientID}
  client-secret: ${credentials.clientSecret.revealText()}
---
apiVersion: keyturn.dev/v1alpha1
kind: OIDCProvider
metadata: {name: keycloak, namespace: shop}
spec:
  insecure: true
  keycloak: {url: "${admin.url}", realm: ${realm}}
  credentialsSecretRef: {name: keycloak-credentials}
`);
  const wait = ['wait', 'oidcprovider/keycloak', '--for=condition=Ready', '--timeout=60s'];
  const { code, stderr } = await cluster.kubectl(wait);
  if (code !== 0) throw new Error(`kubectl ${wait.join(' ')}: ${stderr.trim()}`);
}
