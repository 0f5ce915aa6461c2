import { keyOf } from '../../../src/kubernetes/store.ts';
import { previousEnded } from '../applications.ts';
import type { ExpireReport } from '../report.ts';
import { distributionOf } from '../statistics.ts';
import { Tracker } from '../tracker.ts';
import { type PreparationOptions, retainPrevious } from './previous-secrets.ts';

/** The shortest that a previous secret can be retained. */
const RETENTION = '1m';
const STALL_MS = 120_000;

/** Has previous secrets expire, about as fast as they were retired, and measures how late they end. */
export async function measureExpire(options: PreparationOptions): Promise<ExpireReport> {
  const { cluster, operator, refs } = options;
  const { observer } = cluster;
  await retainPrevious(options, RETENTION);
  const tracker = new Tracker(observer, refs, () => previousEnded);
  const expiries = refs.map((ref) => {
    const expiresAt = observer.secrets.get(keyOf(ref))?.previousExpiresAt;
    if (expiresAt === undefined) throw new Error(`${keyOf(ref)} retains no previous secret`);
    return { ref, expiresAt };
  });
  await tracker.completed(() => operator.assertRunning(), STALL_MS);
  // The times of performance.now() as wall-clock times.
  const origin = Date.now() - performance.now();
  const lateness = (of: 'secretAt' | 'statusAt') =>
    distributionOf(
      expiries.map(({ ref, expiresAt }) => origin + tracker.seenAt(ref)[of] - expiresAt),
    );
  return {
    applications: refs.length,
    secret: lateness('secretAt'),
    status: lateness('statusAt'),
  };
}
