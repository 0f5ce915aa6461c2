import { availableParallelism, cpus, loadavg, totalmem } from 'node:os';
import { etcd, kubernetes } from '../testbed/versions.ts';
import type { Machine } from './report.ts';

const GIB = 2 ** 30;

/** Describes the machine as it is now. */
export function describeMachine(): Machine {
  return {
    date: new Date().toISOString(),
    cores: availableParallelism(),
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    memoryGiB: Math.round(totalmem() / GIB),
    loadAverage: loadavg()[0] ?? 0,
    node: process.versions.node,
    kubernetes: kubernetes.version,
    etcd: etcd.version,
  };
}
