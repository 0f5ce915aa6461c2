import type { ProcessGroup } from '../testbed/processes.ts';
import { type ApplicationRef, applicationRefs, namespaceName, spread } from './applications.ts';
import { measureCeiling } from './ceiling.ts';
import { type BenchCluster, startBenchCluster } from './cluster.ts';
import type { OperatorProcess } from './operator-process.ts';
import { measureBulk } from './phases/bulk.ts';
import { measureExpire } from './phases/expire.ts';
import { measureIdle } from './phases/idle.ts';
import { measureRestart } from './phases/restart.ts';
import { measureSingle } from './phases/single.ts';
import {
  BULK_PHASES,
  type BulkPhase,
  type BulkRound,
  type Phase,
  type RestartRound,
  type RunReport,
} from './report.ts';
import { takeSpecimen, type Writes } from './specimen.ts';
import { summarise, summariseRestarts } from './summary.ts';

export interface RunOptions {
  /** Where operators run, one at a time. */
  readonly group: ProcessGroup;
  /** The bundled operator. */
  readonly program: string;
  readonly applications: number;
  readonly namespaces: number;
  /** Rounds of the bulk phases, each after one of the bare client; and restarts. */
  readonly rounds: number;
  /** Those left out are not measured; applications are created in any case. */
  readonly phases: readonly Phase[];
  /** How many requests the load generator sends at once. */
  readonly concurrency: number;
  /** How many previous secrets expire. */
  readonly expiries: number;
  /** How many revocations follow one another. */
  readonly revocations: number;
  readonly idleSeconds: number;
  readonly progress: (message: string) => void;
}

/** Measures with one number of applications, on a control plane of its own. */
export async function run(options: RunOptions): Promise<RunReport> {
  options.progress('starting the control plane');
  const cluster = await startBenchCluster({
    ...options,
    onFault: (message) => options.progress(`the load generator's watch broke: ${message}`),
  });
  try {
    return await new Run(options, cluster).measure();
  } finally {
    await cluster.stop();
  }
}

class Run {
  readonly #options: RunOptions;
  readonly #cluster: BenchCluster;
  readonly #refs: readonly ApplicationRef[];
  readonly #bulkPhases: readonly BulkPhase[];

  constructor(options: RunOptions, cluster: BenchCluster) {
    this.#options = options;
    this.#cluster = cluster;
    this.#refs = applicationRefs(options.applications, options.namespaces);
    this.#bulkPhases = BULK_PHASES.filter(
      (phase) => phase === 'create' || options.phases.includes(phase),
    );
  }

  async measure(): Promise<RunReport> {
    const { applications, namespaces, rounds, concurrency } = this.#options;
    const { writes, operatorConcurrency } = await this.#specimen();
    const bulk: Record<BulkPhase, BulkRound[]> = { create: [], rotate: [], revoke: [] };
    for (let round = 1; round < rounds; round += 1) {
      const operator = await this.#round(round, writes, operatorConcurrency, bulk);
      await operator.stop();
      await this.#cluster.clear();
    }
    const operator = await this.#round(rounds, writes, operatorConcurrency, bulk);
    return {
      applications,
      namespaces,
      rounds,
      concurrency: { load: concurrency, operator: operatorConcurrency },
      ...(bulk.create.length > 0 && { create: summarise(bulk.create) }),
      ...(bulk.rotate.length > 0 && { rotate: summarise(bulk.rotate) }),
      ...(bulk.revoke.length > 0 && { revoke: summarise(bulk.revoke) }),
      ...(await this.#afterwards(operator)),
    };
  }

  async #specimen() {
    this.#options.progress('one application, to see what the operator writes');
    const operator = await this.#startOperator();
    const writes = await takeSpecimen(this.#cluster, operator);
    const operatorConcurrency = await operator.concurrency();
    await operator.untilQuiet();
    await operator.stop();
    await this.#cluster.clear();
    return { writes, operatorConcurrency };
  }

  /** The bare client, then the operator, which keeps running with all applications present. */
  async #round(
    round: number,
    writes: Readonly<Record<BulkPhase, Writes>>,
    operatorConcurrency: number,
    results: Record<BulkPhase, BulkRound[]>,
  ): Promise<OperatorProcess> {
    const { concurrency } = this.#options;
    const cluster = this.#cluster;
    const refs = this.#refs;
    this.#progress(round, `the bare client: ${this.#bulkPhases.join(', ')}`);
    const ceiling = await measureCeiling(
      { cluster, refs, writes, concurrency: concurrency + operatorConcurrency },
      this.#bulkPhases,
    );
    await cluster.clear();
    const operator = await this.#startOperator();
    for (const { phase, perSecond: ceilingPerSecond } of ceiling) {
      this.#progress(round, `the operator: ${phase}`);
      const options = { cluster, operator, refs, concurrency, ceilingPerSecond };
      results[phase].push(await measureBulk(phase, options));
    }
    return operator;
  }

  /** The phases that are measured once, with all applications present. */
  async #afterwards(
    operator: OperatorProcess,
  ): Promise<Pick<RunReport, 'expire' | 'single' | 'idle' | 'restart'>> {
    const { phases, concurrency, expiries, revocations, idleSeconds, progress } = this.#options;
    const cluster = this.#cluster;
    const some = (count: number) => ({
      cluster,
      operator,
      refs: spread(this.#refs, count),
      concurrency,
    });
    const report: { -readonly [phase in Phase]?: RunReport[phase] } = {};
    if (phases.includes('expire')) {
      progress('expire, which takes a minute');
      report.expire = await measureExpire(some(expiries));
    }
    if (phases.includes('single')) {
      progress('single revocations');
      report.single = await measureSingle(some(revocations));
    }
    if (phases.includes('idle')) {
      progress(`${idleSeconds} s idle`);
      report.idle = await measureIdle(cluster.observer, operator, idleSeconds);
    }
    await operator.untilQuiet();
    await operator.stop();
    if (phases.includes('restart')) report.restart = summariseRestarts(await this.#restarts());
    return report;
  }

  async #restarts(): Promise<RestartRound[]> {
    const { rounds, namespaces } = this.#options;
    const results: RestartRound[] = [];
    for (let round = 1; round <= rounds; round += 1) {
      this.#progress(round, 'restart');
      // The last of all in a list, which is the worst place to be new in.
      const fresh = { namespace: namespaceName(namespaces - 1), name: `fresh-${round}` };
      const { round: result, operator } = await measureRestart(this.#cluster, fresh);
      results.push(result);
      await operator.stop();
    }
    return results;
  }

  async #startOperator(): Promise<OperatorProcess> {
    const operator = await this.#cluster.startOperator();
    await operator.untilLeading();
    return operator;
  }

  #progress(round: number, message: string): void {
    this.#options.progress(`round ${round} of ${this.#options.rounds}: ${message}`);
  }
}
