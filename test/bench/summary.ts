import type { BulkReport, BulkRound, Latencies, RestartReport, RestartRound } from './report.ts';
import { median, medianDistribution } from './statistics.ts';

/** Adds to some rounds of a bulk phase their medians. */
export function summarise(rounds: readonly BulkRound[]): BulkReport {
  const middle = (of: (round: BulkRound) => number) => median(rounds.map(of));
  const latencies = (of: (round: BulkRound) => Latencies): Latencies => ({
    fromRequest: medianDistribution(rounds.map((round) => of(round).fromRequest)),
    fromAnswer: medianDistribution(rounds.map((round) => of(round).fromAnswer)),
  });
  return {
    summary: {
      seconds: middle((round) => round.seconds),
      perSecond: middle((round) => round.perSecond),
      secret: latencies((round) => round.secret),
      status: latencies((round) => round.status),
      // A single write too many in one round must not vanish in a median.
      writesPerApplication: Math.max(...rounds.map((round) => round.writesPerApplication)),
      readsPerApplication: middle((round) => round.readsPerApplication),
      eventsPerApplication: middle((round) => round.eventsPerApplication),
      cpuMsPerApplication: middle((round) => round.cpuMsPerApplication),
      residentMiB: middle((round) => round.residentMiB),
      peakMiB: Math.max(...rounds.map((round) => round.peakMiB)),
      ceilingPerSecond: middle((round) => round.ceilingPerSecond),
      ratio: middle((round) => round.ratio),
    },
    rounds,
  };
}

export function summariseRestarts(rounds: readonly RestartRound[]): RestartReport {
  return { seconds: median(rounds.map((round) => round.seconds)), rounds };
}
