import { setTimeout as delay } from 'node:timers/promises';
import {
  type FaultProxy,
  type Interceptor,
  startFaultProxy,
} from '../../fault-proxy/fault-proxy.ts';
import { isWatch, type ProxiedRequest, writeOf } from '../../fault-proxy/request.ts';
import type { KubeConfigFile } from '../../testbed/access.ts';
import type { SentWrite } from '../checker/traffic.ts';
import type { FaultName } from '../plan/actions.ts';
import type { Contest } from './contest.ts';
import { faultOf, isOnLease } from './faults.ts';
import { Replica, type ReplicaOptions } from './replica.ts';

export interface MemberOptions extends Omit<ReplicaOptions, 'args'> {
  readonly index: number;
  readonly kubeConfig: KubeConfigFile;
  readonly contest: Contest;
  readonly serverTime: (date: number) => number;
  /** Flags besides those that say where the API server is. */
  readonly args: readonly string[];
  /** Told of each write but those of Leases, as it is sent. */
  readonly onWrite: (write: SentWrite) => void;
  /** Told of each end of the process. */
  readonly onExit: (how: string) => void;
}

const RESTART_MS = 200;

/** One of the operator's replicas behind a proxy of its own; started again whenever it ends. */
export class Member {
  readonly #options: MemberOptions;
  readonly #proxy: FaultProxy;
  readonly #answered = new WeakSet<ProxiedRequest>();
  readonly #faults: (() => void)[] = [];
  #replica: Replica;
  #incarnation = 0;
  #downMs = 0;
  #watchesSpoilt = false;
  #stopping = false;
  #resume: NodeJS.Timeout | undefined;
  #pauseWhenBusy: (() => void) | undefined;
  readonly #supervising: Promise<void>;
  /** When it was answered last, by performance.now(). */
  answeredAt = 0;

  static async start(options: MemberOptions): Promise<Member> {
    const { kubeConfig, serverTime } = options;
    return new Member(options, await startFaultProxy(kubeConfig.kubeConfig, { serverTime }));
  }

  private constructor(options: MemberOptions, proxy: FaultProxy) {
    this.#options = options;
    this.#proxy = proxy;
    proxy.intercept(this.#observe());
    this.#replica = this.#launch();
    this.#supervising = this.#supervise();
  }

  /** Ends the process, which starts again after `downMs`. */
  end(signal: 'SIGKILL' | 'SIGTERM', downMs: number): void {
    this.#downMs = downMs;
    this.#continue();
    this.#replica.signal(signal);
  }

  /** Has the process stand still for `ms`, at once or once it has sent a request. */
  pause(ms: number, whenBusy: boolean): void {
    this.#continue();
    const stop = () => {
      this.#pauseWhenBusy = undefined;
      this.#replica.signal('SIGSTOP');
      this.#resume = setTimeout(() => this.#continue(), ms);
    };
    if (whenBusy) this.#pauseWhenBusy = stop;
    else stop();
  }

  get isPaused(): boolean {
    return this.#resume !== undefined;
  }

  inject(name: FaultName, times: number): void {
    const { interceptor, cutsWatches } = faultOf(name, times);
    this.#faults.push(this.#proxy.intercept(interceptor));
    if (cutsWatches) this.cutWatches();
    this.#watchesSpoilt ||= name === 'silent watch';
  }

  cutWatches(): void {
    this.#proxy.cut(isWatch);
  }

  /** Ends all faults. A pause goes on to its end, if it has begun. */
  lift(): void {
    this.#pauseWhenBusy = undefined;
    for (const end of this.#faults.splice(0)) end();
    if (this.#watchesSpoilt) this.cutWatches();
    this.#watchesSpoilt = false;
  }

  /** How many watches it has that the API server answers. */
  watches(): number {
    return this.#proxy.underWay((request) => isWatch(request) && this.#answered.has(request));
  }

  ask(path: string): Promise<string | undefined> {
    return this.#replica.ask(path);
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    this.#continue();
    this.#replica.signal('SIGKILL');
    await this.#supervising;
    await this.#proxy.stop();
  }

  #observe(): Interceptor {
    return {
      onRequest: (request) => {
        if (isOnLease(request)) return undefined;
        if (!isWatch(request)) this.#pauseWhenBusy?.();
        const write = writeOf(request);
        if (write !== undefined) {
          const [, namespace = ''] = /\/namespaces\/([^/]+)\//.exec(request.path) ?? [];
          const by = `${this.#options.index}.${this.#incarnation}`;
          const contested = this.#options.contest.isOn();
          this.#options.onWrite({ by, at: performance.now(), namespace, contested, ...write });
        }
        return undefined;
      },
      onAnswer: (request, status) => {
        this.answeredAt = performance.now();
        if (status === 200) this.#answered.add(request);
        return undefined;
      },
    };
  }

  #launch(): Replica {
    this.#incarnation += 1;
    const { args, ...options } = this.#options;
    const connection = `--kubeconfig=${this.#proxy.kubeConfig.path}`;
    return new Replica({ ...options, args: [connection, ...args] });
  }

  async #supervise(): Promise<void> {
    while (!this.#stopping) {
      const how = await this.#replica.exited;
      if (this.#stopping) return;
      this.#options.onExit(how);
      await delay(Math.max(RESTART_MS, this.#downMs));
      this.#downMs = 0;
      if (!this.#stopping) this.#replica = this.#launch();
    }
  }

  #continue(): void {
    if (this.isPaused) this.#options.contest.resumed();
    clearTimeout(this.#resume);
    this.#resume = undefined;
    this.#pauseWhenBusy = undefined;
    this.#replica.signal('SIGCONT');
  }
}
