import { oidcServerKubeConfig } from '../oidc-server/kube-config.ts';
import { startOidcServer } from '../oidc-server/server.ts';
import type { StartAuthorizationServer } from './authorization-server.ts';
import { printTask } from './terminal.ts';

/** An OIDC server that reads the backing Secrets. */
export const startLocalServer: StartAuthorizationServer = async (cluster, stack) => {
  const { issuer } = await printTask('OIDC server, as ServiceAccount oidc-server', async () => {
    const kubeConfig = await oidcServerKubeConfig(cluster);
    const started = await startOidcServer({ kubeConfig });
    stack.defer(() => started.stop());
    return started;
  });
  return {
    name: 'OIDC server',
    issuer,
    refusal: '401 invalid_client',
    reference: [],
    beginning: 'An application is applied. Keyturn issues its client secret.',
  };
};
