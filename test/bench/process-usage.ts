import { readFileSync } from 'node:fs';

/** What a process has used and holds, as Linux tells in /proc. */
export interface ProcessUsage {
  /** User and system time of all its threads, in steps of 10 ms. */
  readonly cpuSeconds: number;
  readonly residentMiB: number;
  /** The most it ever had resident. */
  readonly peakMiB: number;
}

// The kernel's USER_HZ, which is 100 on every architecture that Node runs on.
const TICKS_PER_SECOND = 100;
const KIB_PER_MIB = 1024;

/** Reads the usage of a process that runs. Throws where there is none, or no /proc. */
export function usageOf(pid: number): ProcessUsage {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const mebibytes = (name: string) =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1]) / KIB_PER_MIB;
  return {
    cpuSeconds: cpuSecondsOf(pid),
    residentMiB: mebibytes('VmRSS'),
    peakMiB: mebibytes('VmHWM'),
  };
}

function cpuSecondsOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The program's name, in brackets, may hold spaces; utime and stime are fields 14 and 15.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}
