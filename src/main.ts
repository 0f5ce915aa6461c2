import { loadKubeConfig } from './kube-config.ts';
import { Operator } from './operator.ts';
import { type Options, parseOptions } from './options.ts';
import { contactError, firstLineOf, StartError } from './start-error.ts';
import { type HealthServer, serveHealth } from './telemetry/health.ts';
import { createLogger } from './telemetry/log.ts';
import { version } from './version.ts';

// Kubernetes gives a Pod 30 s by default between SIGTERM and SIGKILL.
const STOP_WITHIN_MS = 27_000;
const GRACE_MS = 25_000;

const options = parseOptions(process.argv.slice(2));
const log = createLogger({ level: options.logLevel, format: options.logFormat });

async function main(): Promise<void> {
  const stopping = stopSignal();
  const kubeConfig = loadKubeConfig(options);
  const server = kubeConfig.getCurrentCluster()?.server ?? '';
  const operator = new Operator({
    kubeConfig,
    namespaces: options.namespaces,
    concurrency: options.concurrency,
    clusterProviders: options.clusterProviders,
    pauseRotations: options.pauseRotations,
    log,
    ...(options.operatorNamespace !== undefined && {
      operatorNamespace: options.operatorNamespace,
    }),
    ...(options.leaderElection !== undefined && { leaderElection: options.leaderElection }),
  });
  const health = await serve(options, operator);
  log.info({ version, server, listen: health?.port }, 'Starting');
  if (options.pauseRotations) {
    log.warn('Rotations are paused (--pause-rotations): only expiry and revocation go on');
  }
  try {
    await operator.start(stopping);
    await untilAborted(AbortSignal.any([stopping, operator.deposed]));
    if (!stopping.aborted) {
      throw new StartError('The Lease was lost: not renewed in time, or another leads');
    }
    if (!(await operator.stop(GRACE_MS))) log.warn('Work under way was cut off');
  } catch (error) {
    await operator.stop(0);
    if (!stopping.aborted) throw error instanceof StartError ? error : contactError(error, server);
  } finally {
    await health?.close();
  }
  log.info('Stopped');
}

/** Aborted by the first SIGTERM or SIGINT, after which the process ends within 30 s. */
function stopSignal(): AbortSignal {
  const stopping = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => {
      log.info({ signal }, 'Stopping');
      stopping.abort();
      setTimeout(() => {
        log.warn('Work under way was cut off');
        process.exit();
      }, STOP_WITHIN_MS).unref();
    });
  }
  return stopping.signal;
}

async function serve({ listen }: Options, operator: Operator): Promise<HealthServer | undefined> {
  if (listen === undefined) return undefined;
  const { registry } = operator;
  try {
    return await serveHealth({ ...listen, registry, awaited: () => operator.awaited() });
  } catch (error) {
    const address = `${listen.host}:${listen.port}`;
    throw new StartError(`Cannot listen on ${address} (--listen): ${firstLineOf(error)}`);
  }
}

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

main().catch((error: unknown) => {
  if (error instanceof StartError) log.fatal(error.message);
  else
    log.fatal({ error: error instanceof Error ? error.stack : String(error) }, 'Ended by a fault');
  process.exitCode = 1;
});
