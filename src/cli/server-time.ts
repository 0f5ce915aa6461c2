import type { ResponseInfo } from '../kubernetes/transport.ts';

/** The `Date` header cuts off what is below a second. */
const RESOLUTION_MS = 1000;

/**
 * The API server's time. This machine's clock may be wrong, and a rotation that is asked for by a
 * time that has passed, or has not come, would not happen.
 */
export class ServerTime {
  #earliest = Number.NEGATIVE_INFINITY;
  #latest = Number.POSITIVE_INFINITY;

  observe({ serverDate, sentAt, receivedAt }: ResponseInfo): void {
    if (serverDate === undefined) return;
    this.#earliest = Math.max(this.#earliest, serverDate - receivedAt);
    this.#latest = Math.min(this.#latest, serverDate + RESOLUTION_MS - sentAt);
  }

  /** `local` put right by as little as makes it agree with every answer so far. */
  at(local: number): number {
    return local + Math.min(this.#latest, Math.max(this.#earliest, 0));
  }
}
