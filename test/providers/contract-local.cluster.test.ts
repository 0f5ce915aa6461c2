import { Operator } from '../../src/operator.ts';
import { createLogger } from '../../src/telemetry/log.ts';
import { Workspace } from '../controller/harness.ts';
import { TestClock } from '../controller/test-clock.ts';
import { oidcServerKubeConfig } from '../oidc-server/kube-config.ts';
import { requestToken } from '../oidc-server/request-token.ts';
import { startOidcServer } from '../oidc-server/server.ts';
import { cluster, operatorKubeConfig, testNamespace } from '../setup/cluster.ts';
import { describeContract } from './contract.ts';
import { LocalAuthority } from './local-authority.ts';

describeContract('the backing Secret itself', async () => {
  const namespace = await testNamespace('local');
  const workspace = new Workspace(namespace);
  const clock = new TestClock();
  const operator = new Operator({
    kubeConfig: (await operatorKubeConfig()).kubeConfig,
    namespaces: [namespace],
    concurrency: 20,
    clusterProviders: false,
    log: createLogger({ level: 'trace', format: 'json', sink: { write: () => undefined } }),
    clock,
    serverTime: clock.serverTime,
  });
  clock.onMoved(() => operator.poke());
  const ending = new AbortController();
  await operator.start(ending.signal);

  const verifier = { kubeConfig: await oidcServerKubeConfig(cluster), namespace };
  let clients = 0;
  return {
    provider: new LocalAuthority(workspace, clock, 'https://login.example.com'),
    async newClient() {
      clients += 1;
      const name = `client-${clients}`;
      await workspace.create(name);
      await workspace.published(name, 1);
      return `${namespace}.${name}`;
    },
    async tokenStatus(clientID, clientSecret) {
      // A new one has certainly seen the Secret as it is now.
      const server = await startOidcServer(verifier);
      try {
        return (await requestToken({ issuer: server.issuer, clientID, clientSecret })).status;
      } finally {
        await server.stop();
      }
    },
    now: () => clock.now(),
    async reach(time) {
      clock.advance(Math.max(0, time - clock.now()));
    },
    async stop() {
      ending.abort();
      await operator.stop(10_000);
    },
  };
});
