import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from '../testbed/ports.ts';
import type { ProcessGroup, SupervisedProcess } from '../testbed/processes.ts';
import { parseMetrics, type RequestCounts, requestCounts, type Sample, total } from './metrics.ts';
import { type ProcessUsage, usageOf } from './process-usage.ts';

export interface OperatorProcessOptions {
  readonly group: ProcessGroup;
  /** The bundled operator, which is started as it is, with its own options for Node. */
  readonly program: string;
  readonly kubeConfigPath: string;
}

const LIMIT_MS = 60_000;
const POLL_MS = 50;
const QUIET_POLL_MS = 500;
const QUIET_POLLS = 2;
const LEASE_NAMESPACE = 'keyturn-system';

/** The operator as it runs in production: a process of its own, its own rights, a Lease. */
export class OperatorProcess {
  /** When it was started, by performance.now(). */
  readonly startedAt: number;
  readonly #process: SupervisedProcess;
  readonly #metricsUrl: string;

  private constructor(startedAt: number, process: SupervisedProcess, metricsUrl: string) {
    this.startedAt = startedAt;
    this.#process = process;
    this.#metricsUrl = metricsUrl;
  }

  /** Starts it and does not wait for anything. */
  static async start(options: OperatorProcessOptions): Promise<OperatorProcess> {
    const listen = `127.0.0.1:${await freePort()}`;
    const args = [
      ...['--kubeconfig', options.kubeConfigPath],
      ...['--listen', listen],
      ...['--leader-elect', '--leader-election-namespace', LEASE_NAMESPACE],
    ];
    const startedAt = performance.now();
    const process = options.group.start('keyturn', options.program, args);
    return new OperatorProcess(startedAt, process, `http://${listen}/metrics`);
  }

  /** Throws an error with the end of its log if it has ended. */
  assertRunning(): void {
    this.#process.assertRunning();
  }

  usage(): ProcessUsage {
    this.assertRunning();
    return usageOf(this.#process.pid);
  }

  /** What it has sent to the API server since it was started. */
  async requests(): Promise<RequestCounts> {
    return requestCounts(await this.#metrics());
  }

  /** How many applications it works on at most at once. */
  async concurrency(): Promise<number> {
    return total(await this.#metrics(), 'controller_runtime_max_concurrent_reconciles');
  }

  /** Waits until it has filled its caches and leads. */
  async untilLeading(): Promise<void> {
    await this.#until('lead', POLL_MS, async () => {
      const samples = await this.#metrics().catch(() => []);
      return total(samples, 'leader_election_master_status') === 1;
    });
  }

  /** Waits until it has nothing to do any more, events sent included. */
  async untilQuiet(): Promise<void> {
    let before = '';
    let quietPolls = 0;
    await this.#until('come to rest', QUIET_POLL_MS, async () => {
      const samples = await this.#metrics();
      const requests = JSON.stringify(withoutLease(requestCounts(samples)));
      // Events are sent one after the other by no worker: only their requests tell of them.
      quietPolls = requests === before && !isBusy(samples) ? quietPolls + 1 : 0;
      before = requests;
      return quietPolls === QUIET_POLLS;
    });
  }

  /** Ends it in order, which releases its Lease. */
  stop(): Promise<void> {
    return this.#process.stop();
  }

  async #until(what: string, pollMs: number, holds: () => Promise<boolean>): Promise<void> {
    const deadline = performance.now() + LIMIT_MS;
    do {
      if (performance.now() > deadline) {
        throw new Error(`the operator did not ${what} within ${LIMIT_MS / 1000} s`);
      }
      await delay(pollMs);
      this.assertRunning();
    } while (!(await holds()));
  }

  async #metrics(): Promise<Sample[]> {
    const answer = await fetch(this.#metricsUrl);
    if (!answer.ok) throw new Error(`${this.#metricsUrl} answers ${answer.status}`);
    return parseMetrics(await answer.text());
  }
}

function withoutLease(requests: RequestCounts): RequestCounts {
  return Object.fromEntries(Object.entries(requests).filter(([key]) => !key.endsWith(' leases')));
}

function isBusy(samples: readonly Sample[]): boolean {
  return ['workqueue_depth', 'controller_runtime_active_workers'].some(
    (name) => total(samples, name) > 0,
  );
}
