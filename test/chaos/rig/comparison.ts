import { setTimeout as delay } from 'node:timers/promises';
import type { Member } from './member.ts';

const WITHIN_MS = 2_500;

/**
 * Waits until each replica has had an answer since: two changes of clocks that cancel each other
 * out between two answers are none that it could notice. One that is cut off is not waited for.
 */
export async function clocksCompared(members: readonly Member[]): Promise<string> {
  const since = performance.now();
  const awaited = members.filter((member) => !member.isPaused);
  while (performance.now() < since + WITHIN_MS) {
    if (awaited.every(({ answeredAt }) => answeredAt > since)) return 'compared';
    await delay(20);
  }
  return 'not compared';
}
