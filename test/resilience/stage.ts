import { onTestFinished } from 'vitest';
import {
  type OperatorHandle,
  type PlainSecret,
  startOperator,
  Workspace,
} from '../controller/harness.ts';
import { TestClock } from '../controller/test-clock.ts';
import { type FaultProxy, startFaultProxy } from '../fault-proxy/fault-proxy.ts';
import { type Write, writeOf } from '../fault-proxy/request.ts';
import { eventually, operatorKubeConfig, testNamespace } from '../setup/cluster.ts';

/** A namespace with an operator behind a proxy, which goes down and comes up again. */
export class Stage extends Workspace {
  readonly clock = new TestClock();
  readonly proxy: FaultProxy;
  #handle: OperatorHandle | undefined;

  private constructor(namespace: string, proxy: FaultProxy) {
    super(namespace);
    this.proxy = proxy;
  }

  static async start(): Promise<Stage> {
    const { kubeConfig } = await operatorKubeConfig();
    const proxy = await startFaultProxy(kubeConfig);
    onTestFinished(proxy.stop);
    const stage = new Stage(await testNamespace(), proxy);
    await stage.up();
    return stage;
  }

  async up(): Promise<void> {
    this.#handle = await startOperator({
      namespaces: [this.namespace],
      clock: this.clock,
      kubeConfig: this.proxy.kubeConfig.kubeConfig,
    });
  }

  async down(): Promise<void> {
    await this.#handle?.stop();
    this.#handle = undefined;
  }

  /** The operator's time, `ahead` milliseconds from now, as spec spells it. */
  time(ahead = 0): string {
    return new Date(this.clock.now() + ahead).toISOString();
  }

  /** Collects what the operator changes from now on, events left out. */
  collectChanges(): readonly Write[] {
    const writes: Write[] = [];
    this.proxy.intercept({
      onAnswer(request, status) {
        const write = status < 300 ? writeOf(request) : undefined;
        if (write !== undefined && write.what !== 'POST events') writes.push(write);
        return undefined;
      },
    });
    return writes;
  }

  /** Waits until `expectation` holds of a Secret. */
  async secretReaches(name: string, expectation: (secret: PlainSecret) => void): Promise<void> {
    await eventually(async () => expectation(await this.secret(name)));
  }

  /** Has the operator look at an application again, and waits until it is done. */
  async lookedAtAgain(name: string): Promise<void> {
    const queue = this.#handle?.operator.queue;
    if (queue === undefined) throw new Error('the operator is down');
    queue.add(`${this.namespace}/${name}`);
    await eventually(() => {
      if (queue.depth + queue.unfinishedSeconds > 0) throw new Error('there is work under way');
    });
  }
}
