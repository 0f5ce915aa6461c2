import { createTransport } from '../../src/kubernetes/transport.ts';
import { messageOf } from '../../src/telemetry/log.ts';
import { administer, clientID } from './application.ts';
import { chosenServer } from './authorization-server.ts';
import { type Environment, startEnvironment } from './environment.ts';
import { printInvitation } from './invitation.ts';
import { tellStory } from './story.ts';
import { print, printTitle } from './terminal.ts';
import { tokenEndpoint } from './token-endpoint.ts';

const keep = process.env['KEEP'] === '1';
const interruptedStatus = 130;

/** Starts everything and tells the story; rejects where an answer was not the expected one. */
async function demonstrate(stack: AsyncDisposableStack): Promise<Environment> {
  const started = Date.now();
  const startServer = chosenServer(process.env['PROVIDER']);
  printTitle('Keyturn: the life of a client secret, on a real API server');
  const environment = await startEnvironment(stack, startServer);
  const { cluster, operator, server } = environment;
  const transport = createTransport({ kubeConfig: cluster.adminKubeConfig.kubeConfig });
  stack.defer(() => transport.close());
  const endpoint = tokenEndpoint(server.issuer, clientID);
  try {
    await tellStory(administer(cluster, transport, server.reference), endpoint, server);
  } catch (error) {
    const log = `The end of the operator's log:\n${operator.logTail()}`;
    throw new Error(`${messageOf(error)}\n\n${log}`, { cause: error });
  }
  const seconds = Math.round((Date.now() - started) / 1000);
  print('', `All ${endpoint.confirmed} answers were the expected ones, after ${seconds} s.`);
  return environment;
}

async function main(stack: AsyncDisposableStack): Promise<number> {
  const interrupted = new Promise<undefined>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => resolve(undefined));
  });
  try {
    const environment = await Promise.race([demonstrate(stack), interrupted]);
    if (environment === undefined) return interruptedStatus;
    if (keep) {
      printInvitation(environment);
      // A signal handler alone does not keep Node running.
      setInterval(() => undefined, 2 ** 31 - 1);
      await interrupted;
    }
    return 0;
  } catch (error) {
    process.stderr.write(`\nFAILED: ${messageOf(error)}\n`);
    return 1;
  }
}

const stack = new AsyncDisposableStack();
const status = await main(stack);
await stack.disposeAsync();
// After an interruption the story may still be waiting; what it was starting ends with the process.
process.exit(status);
