import { KubeConfig } from '@kubernetes/client-node';
import { ApiError, NetworkError } from './kubernetes/api-error.ts';
import { Operator } from './operator.ts';
import { type Options, parseOptions } from './options.ts';
import { serveHealth } from './telemetry/health.ts';
import { createLogger, messageOf } from './telemetry/log.ts';
import { version } from './version.ts';

const GRACE_MS = 30_000;

const options = parseOptions(process.argv.slice(2));
const log = createLogger({ level: options.logLevel, format: options.logFormat });

/** An end that the user can do something about: one line, no stack. */
class StartError extends Error {}

async function main(): Promise<void> {
  const stopping = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => {
      log.info({ signal }, 'Stopping');
      stopping.abort();
    });
  }

  const kubeConfig = loadKubeConfig(options);
  const server = kubeConfig.getCurrentCluster()?.server;
  const operator = new Operator({
    kubeConfig,
    namespaces: options.namespaces,
    concurrency: options.concurrency,
    log,
    ...(options.leaderElection !== undefined && { leaderElection: options.leaderElection }),
  });
  const { listen } = options;
  const health =
    listen === undefined
      ? undefined
      : await serveHealth({
          ...listen,
          registry: operator.registry,
          awaited: () => operator.awaited(),
        });
  log.info({ version, server, listen: health?.port }, 'Starting');
  try {
    await operator.start(stopping.signal);
    await untilAborted(AbortSignal.any([stopping.signal, operator.deposed]));
    if (!stopping.signal.aborted) throw new StartError('The Lease was lost: another replica leads');
    if (!(await operator.stop(GRACE_MS))) log.warn('Work under way was cut off');
    log.info('Stopped');
  } catch (error) {
    await operator.stop(0);
    if (stopping.signal.aborted) return;
    if (error instanceof NetworkError || error instanceof ApiError) {
      throw new StartError(
        `The API server at ${server} does not answer as it should: ${error.message}`,
      );
    }
    throw error;
  } finally {
    await health?.close();
  }
}

function loadKubeConfig({ kubeconfig, context }: Options): KubeConfig {
  const config = new KubeConfig();
  try {
    if (kubeconfig === undefined) config.loadFromDefault();
    else if (kubeconfig.includes(':')) {
      process.env['KUBECONFIG'] = kubeconfig;
      config.loadFromDefault();
    } else config.loadFromFile(kubeconfig);
    if (context !== undefined) config.setCurrentContext(context);
  } catch (error) {
    throw new StartError(`The kubeconfig ${kubeconfig ?? ''} cannot be read: ${messageOf(error)}`);
  }
  if (config.getCurrentCluster() === null) {
    throw new StartError(
      'No cluster to connect to: name a kubeconfig with --kubeconfig or KUBECONFIG, and a context of it.',
    );
  }
  return config;
}

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

main().catch((error: unknown) => {
  if (error instanceof StartError) log.error(error.message);
  else
    log.error({ error: error instanceof Error ? error.stack : String(error) }, 'Ended by a fault');
  process.exitCode = 1;
});
