import type { Latencies } from './report.ts';
import { distributionOf } from './statistics.ts';

/** When what happened to one application, by performance.now(). */
export interface Course {
  /** Just before the write that asked for a change, and when it was answered. */
  readonly sentAt: number;
  readonly answeredAt: number;
  /** When the Secret, and status, was seen to be as asked. */
  readonly secretAt: number;
  readonly statusAt: number;
}

/** From the first change sent to the last one seen, in seconds. */
export function wallSecondsOf(courses: readonly Course[]): number {
  const first = courses.reduce((at, { sentAt }) => Math.min(at, sentAt), Number.POSITIVE_INFINITY);
  const last = courses.reduce((at, { secretAt, statusAt }) => Math.max(at, secretAt, statusAt), 0);
  return (last - first) / 1000;
}

/** How long Secrets and status took, in milliseconds. */
export function latenciesOf(courses: readonly Course[]): {
  readonly secret: Latencies;
  readonly status: Latencies;
} {
  const latencies = (to: 'secretAt' | 'statusAt'): Latencies => ({
    fromRequest: distributionOf(courses.map((course) => course[to] - course.sentAt)),
    fromAnswer: distributionOf(courses.map((course) => course[to] - course.answeredAt)),
  });
  return { secret: latencies('secretAt'), status: latencies('statusAt') };
}
