import { Operator } from '../../src/operator.ts';
import { createLogger } from '../../src/telemetry/log.ts';
import { Workspace } from '../controller/harness.ts';
import { type FaultProxy, startFaultProxy } from '../fault-proxy/fault-proxy.ts';
import { isWatch, type ProxiedRequest, writeOf } from '../fault-proxy/request.ts';
import { eventually, operatorKubeConfig, testNamespace } from '../setup/cluster.ts';

/** A namespace, and an operator behind a proxy that counts what passes. Not bound to a test. */
export class FaultRig {
  readonly workspace: Workspace;
  readonly proxy: FaultProxy;
  /** When each of the operator's requests came, in milliseconds of performance.now(). */
  readonly requestedAt: number[] = [];
  /** How many writes of Secrets the API server has carried out. */
  secretWrites = 0;
  readonly #operator: Operator;
  readonly #ending = new AbortController();

  private constructor(namespace: string, proxy: FaultProxy) {
    this.workspace = new Workspace(namespace);
    this.proxy = proxy;
    this.#operator = new Operator({
      kubeConfig: proxy.kubeConfig.kubeConfig,
      namespaces: [namespace],
      clusterProviders: false,
      concurrency: 20,
      log: createLogger({ level: 'trace', format: 'json', sink: { write: () => undefined } }),
    });
    proxy.intercept({
      onRequest: () => {
        this.requestedAt.push(performance.now());
        return undefined;
      },
      onAnswer: (request, status) => {
        if (status < 300 && isSecretWrite(request)) this.secretWrites += 1;
        return undefined;
      },
    });
  }

  static async start(): Promise<FaultRig> {
    const { kubeConfig } = await operatorKubeConfig();
    const rig = new FaultRig(await testNamespace(), await startFaultProxy(kubeConfig));
    await rig.#operator.start(rig.#ending.signal);
    return rig;
  }

  /** The most requests that came within any one second from the `from`th on. */
  peakRate(from: number): number {
    const times = this.requestedAt.slice(from);
    const within = (start: number) => times.filter((at) => at >= start && at < start + 1000).length;
    return Math.max(0, ...times.map(within));
  }

  /** Waits until the operator has nothing to do. */
  async idle(): Promise<void> {
    await eventually(() => {
      const { depth, unfinishedSeconds } = this.#operator.queue;
      if (depth + unfinishedSeconds > 0) throw new Error('there is work under way');
    });
  }

  async stop(): Promise<void> {
    this.#ending.abort();
    await this.#operator.stop(0);
    await this.proxy.stop();
  }
}

export function isSecretWrite(request: ProxiedRequest): boolean {
  return writeOf(request)?.what.endsWith(' secrets') === true;
}

/** True for a list of a whole collection. */
export function isList(request: ProxiedRequest): boolean {
  return request.method === 'GET' && !isWatch(request) && /s$/.test(request.path);
}
