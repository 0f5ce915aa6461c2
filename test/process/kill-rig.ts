import { Workspace } from '../controller/harness.ts';
import type { FaultProxy } from '../fault-proxy/fault-proxy.ts';
import { type ProxiedRequest, type Write, writeOf } from '../fault-proxy/request.ts';
import { testNamespace } from '../setup/cluster.ts';
import { type OperatorProcess, startOperatorProcess } from './operator-process.ts';
import { SecretHistory } from './secret-history.ts';

/** When in the life of a write the operator is killed. */
export type Moment = 'before it is sent' | 'before it is answered';

export interface Kill {
  readonly write: string;
  /** Which of the application's writes of that kind, counted from 1. */
  readonly occurrence: number;
  readonly moment: Moment;
}

/** A namespace with an operator behind a proxy, killed at will and started again. */
export class KillRig {
  readonly workspace: Workspace;
  readonly history: SecretHistory;
  readonly #proxy: FaultProxy;
  #operator: OperatorProcess;

  private constructor(
    workspace: Workspace,
    history: SecretHistory,
    proxy: FaultProxy,
    operator: OperatorProcess,
  ) {
    this.workspace = workspace;
    this.history = history;
    this.#proxy = proxy;
    this.#operator = operator;
  }

  static async start(proxy: FaultProxy): Promise<KillRig> {
    const namespace = await testNamespace();
    const history = await SecretHistory.start(namespace);
    const operator = await startOperator(proxy, namespace);
    return new KillRig(new Workspace(namespace), history, proxy, operator);
  }

  get operator(): OperatorProcess {
    return this.#operator;
  }

  /** Starts the operator again, which may have ended before. */
  async restart(): Promise<void> {
    await this.#operator.end('SIGKILL');
    this.#operator = await startOperator(this.#proxy, this.workspace.namespace);
  }

  /** Collects the operator's writes for an application, or for all, until `stop` is called. */
  collectWrites(application?: string): { readonly writes: string[]; readonly stop: () => void } {
    const writes: string[] = [];
    const stop = this.#proxy.intercept({
      onRequest(request) {
        const write = writeOf(request);
        if (write === undefined) return undefined;
        if (application === undefined || isFor(application, write)) writes.push(write.what);
        return undefined;
      },
    });
    return { writes, stop };
  }

  /** Makes a change and resolves once the operator was killed at a write that it led to. */
  async killAt(kill: Kill, application: string, change: () => Promise<unknown>): Promise<void> {
    let occurrence = 0;
    const die = async (request: ProxiedRequest, moment: Moment) => {
      const write = writeOf(request);
      if (moment !== kill.moment || write?.what !== kill.write) return undefined;
      if (!isFor(application, write)) return undefined;
      occurrence += 1;
      if (occurrence !== kill.occurrence) return undefined;
      await this.#operator.end('SIGKILL');
      return 'cut';
    };
    const disarm = this.#proxy.intercept({
      onRequest: (request) => die(request, 'before it is sent'),
      onAnswer: (request) => die(request, 'before it is answered'),
    });
    await change();
    await this.#operator.exited;
    disarm();
  }
}

async function startOperator(proxy: FaultProxy, namespace: string): Promise<OperatorProcess> {
  const args = [`--kubeconfig=${proxy.kubeConfig.path}`, `--namespaces=${namespace}`];
  const operator = await startOperatorProcess({ args });
  await operator.untilReady();
  return operator;
}

/** The Secrets of an application are named after it, with a dot before what follows. */
function isFor(application: string, { object }: Write): boolean {
  return object.split('.', 1).join('') === application;
}
