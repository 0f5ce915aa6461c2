import type { RequestCounts } from './metrics.ts';
import type { Distribution } from './statistics.ts';

/** Milliseconds from just before a change was sent, and from its answer, to what was seen. */
export interface Latencies {
  readonly fromRequest: Distribution;
  readonly fromAnswer: Distribution;
}

export const BULK_PHASES = ['create', 'rotate', 'revoke'] as const;
export type BulkPhase = (typeof BULK_PHASES)[number];

export const PHASES = [...BULK_PHASES, 'expire', 'single', 'idle', 'restart'] as const;
export type Phase = (typeof PHASES)[number];

/** The operator's part in changing all applications, once. */
export interface BulkRound {
  /** From the first change sent to the last Secret and status seen. */
  readonly seconds: number;
  readonly perSecond: number;
  readonly secret: Latencies;
  readonly status: Latencies;
  /** Of Secrets and status, refused ones included. */
  readonly writesPerApplication: number;
  readonly readsPerApplication: number;
  readonly eventsPerApplication: number;
  readonly cpuMsPerApplication: number;
  readonly residentMiB: number;
  readonly peakMiB: number;
  readonly requests: RequestCounts;
  /** The rate of the bare client in the same round. */
  readonly ceilingPerSecond: number;
  /** perSecond / ceilingPerSecond */
  readonly ratio: number;
}

/** The medians of the rounds, but of writes the most. */
export type BulkSummary = Omit<BulkRound, 'requests'>;

export interface BulkReport {
  readonly summary: BulkSummary;
  readonly rounds: readonly BulkRound[];
}

/** How late previous secrets ended, in milliseconds after their expiry. */
export interface ExpireReport {
  readonly applications: number;
  readonly secret: Distribution;
  readonly status: Distribution;
}

/** Revocations one after the other, all other applications idle. */
export interface SingleReport {
  readonly revocations: number;
  readonly secret: Latencies;
  readonly status: Latencies;
}

export interface IdleReport {
  readonly seconds: number;
  /** Of Secrets and status. */
  readonly writes: number;
  readonly reads: number;
  readonly events: number;
  readonly leases: number;
  /** Changes of applications and Secrets that the load generator saw, whoever made them. */
  readonly changesSeen: number;
  readonly cpuSeconds: number;
  /** Of one core. */
  readonly cpuPercent: number;
  readonly residentMiB: number;
}

export interface RestartRound {
  /** From the start of the process to a fresh application Ready. */
  readonly seconds: number;
  /** Until then. */
  readonly cpuSeconds: number;
  /** Writes for all applications but the fresh one. */
  readonly otherWrites: number;
  readonly residentMiB: number;
  readonly peakMiB: number;
}

export interface RestartReport {
  /** The median of the rounds. */
  readonly seconds: number;
  readonly rounds: readonly RestartRound[];
}

/** All that was measured with one number of applications. */
export interface RunReport {
  readonly applications: number;
  readonly namespaces: number;
  readonly rounds: number;
  /** The most requests that the load generator had under way, and applications the operator. */
  readonly concurrency: { readonly load: number; readonly operator: number };
  readonly create?: BulkReport;
  readonly rotate?: BulkReport;
  readonly revoke?: BulkReport;
  readonly expire?: ExpireReport;
  readonly single?: SingleReport;
  readonly idle?: IdleReport;
  readonly restart?: RestartReport;
}

/** Where and when it was measured. */
export interface Machine {
  readonly date: string;
  readonly cores: number;
  readonly processor: string;
  readonly memoryGiB: number;
  /** Just before the measurement: whatever else ran then. */
  readonly loadAverage: number;
  readonly node: string;
  readonly kubernetes: string;
  readonly etcd: string;
}

export interface BenchReport {
  readonly machine: Machine;
  readonly runs: readonly RunReport[];
}
