import { isConflict } from './api-error.ts';
import { type Clock, systemClock } from './clock.ts';
import type { JsonObject } from './json.ts';
import { isSameRecord, LeaseClient, type LeaseRecord, leaseRecordOf } from './lease.ts';
import { microTime } from './micro-time.ts';
import { sleep } from './sleep.ts';
import type { Transport } from './transport.ts';

export interface LeaderElectorOptions {
  /** One of its own: renewals must not queue behind other requests. */
  transport: Transport;
  namespace: string;
  name: string;
  /** Differs from that of every other candidate. */
  identity: string;
  /** How long the others wait after the last renewal they saw; default 15 s. */
  leaseDurationMs?: number;
  /** How long after its last renewal a leader gives up; default 10 s. */
  renewDeadlineMs?: number;
  /** Default 2 s. */
  retryPeriodMs?: number;
  clock?: Clock;
  random?: () => number;
  onStartedLeading: () => void;
  onStoppedLeading: () => void;
  onNewLeader?: (identity: string) => void;
  /** Told of each failed try. */
  onError?: (error: unknown) => void;
}

const ACQUIRE_JITTER = 1.2;

/**
 * Leader election by a Lease, as client-go does it. Whether another's lease has run out is
 * judged by how long this process has seen it unchanged, on its own monotonic clock: the wall
 * clocks of the candidates need not agree.
 */
export class LeaderElector {
  readonly #options: LeaderElectorOptions;
  readonly #clock: Clock;
  readonly #leaseDurationMs: number;
  readonly #renewDeadlineMs: number;
  readonly #retryPeriodMs: number;
  readonly #client: LeaseClient;
  /** As last read or written. */
  #lease: JsonObject | undefined;
  #observed: LeaseRecord | undefined;
  #observedAt = 0;
  /** When the last successful renewal was sent (monotonic); undefined while not leading. */
  #renewedAt: number | undefined;
  #reportedLeader = '';

  /** Throws RangeError unless lease duration > renew deadline > 1.2 × retry period. */
  constructor(options: LeaderElectorOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#leaseDurationMs = options.leaseDurationMs ?? 15_000;
    this.#renewDeadlineMs = options.renewDeadlineMs ?? 10_000;
    this.#retryPeriodMs = options.retryPeriodMs ?? 2000;
    const { transport, namespace, name } = options;
    const timeoutMs = this.#renewDeadlineMs / 2;
    this.#client = new LeaseClient({ transport, namespace, name, timeoutMs });
    if (this.#leaseDurationMs <= this.#renewDeadlineMs) {
      throw new RangeError('the lease duration must be greater than the renew deadline');
    }
    if (this.#renewDeadlineMs <= ACQUIRE_JITTER * this.#retryPeriodMs) {
      throw new RangeError('the renew deadline must be greater than 1.2 times the retry period');
    }
  }

  /** True while this process may act as the leader; needs no timer to have fired to turn false. */
  isLeader(): boolean {
    return (
      this.#renewedAt !== undefined &&
      this.#clock.monotonic() - this.#renewedAt < this.#renewDeadlineMs
    );
  }

  /**
   * Waits for leadership, holds it, and resolves once it is lost or the signal aborts; then the
   * lease is released, so abort only when the leader's work has ended.
   */
  async run(signal: AbortSignal): Promise<void> {
    if (!(await this.#acquire(signal))) return;
    try {
      this.#options.onStartedLeading();
      await this.#keep(signal);
    } finally {
      const held = this.isLeader();
      this.#renewedAt = undefined;
      if (held) await this.#release();
      this.#options.onStoppedLeading();
    }
  }

  async #acquire(signal: AbortSignal): Promise<boolean> {
    while (!signal.aborted) {
      if (await this.#attempt()) return true;
      const random = this.#options.random ?? Math.random;
      await sleep(this.#retryPeriodMs * (1 + ACQUIRE_JITTER * random()), signal);
    }
    return false;
  }

  /** Renews until the deadline has passed without success; a deadline once missed is final. */
  async #keep(signal: AbortSignal): Promise<void> {
    for (;;) {
      await sleep(this.#retryPeriodMs, signal);
      if (signal.aborted || !this.isLeader()) return;
      await this.#attempt();
      if (!this.isLeader()) return;
    }
  }

  /** One try to acquire or renew; true if this process holds the lease afterwards. */
  async #attempt(): Promise<boolean> {
    try {
      return await this.#acquireOrRenew();
    } catch (error) {
      // What was written last is not known any more: read it before the next try.
      this.#lease = undefined;
      if (!isConflict(error)) this.#options.onError?.(error);
      return false;
    }
  }

  async #acquireOrRenew(): Promise<boolean> {
    const { identity } = this.#options;
    const leading = this.#renewedAt !== undefined;
    if (!leading || this.#lease === undefined) {
      const found = await this.#client.read();
      if (found === undefined) return this.#hold(undefined, 0);
      this.#observe(found);
    }
    const { holder = '', durationMs = 0, transitions = 0 } = this.#observed ?? {};
    if (holder === identity) return this.#hold(this.#lease, transitions);
    if (leading) {
      this.#renewedAt = undefined;
      return false;
    }
    const unchangedFor = this.#clock.monotonic() - this.#observedAt;
    if (holder !== '' && unchangedFor < durationMs) return false;
    return this.#hold(this.#lease, transitions + 1);
  }

  /** Writes this process as the holder; `lease` is what is there, undefined where nothing is. */
  async #hold(lease: JsonObject | undefined, transitions: number): Promise<boolean> {
    const { identity } = this.#options;
    const now = microTime(this.#clock.now());
    const renewing = lease !== undefined && this.#observed?.holder === identity;
    const record: LeaseRecord = {
      holder: identity,
      durationMs: this.#leaseDurationMs,
      transitions,
      acquireTime: renewing ? (this.#observed?.acquireTime ?? now) : now,
      renewTime: now,
    };
    const sentAt = this.#clock.monotonic();
    this.#observe(await this.#client.write(lease, record));
    // An answer that came too late holds nothing: the others count from what they saw earlier.
    if (this.#clock.monotonic() - sentAt >= this.#renewDeadlineMs) return false;
    if (this.#renewedAt !== undefined && !this.isLeader()) return false;
    this.#renewedAt = sentAt;
    return true;
  }

  /** So that the others need not wait until it runs out. */
  async #release(): Promise<void> {
    const now = microTime(this.#clock.now());
    try {
      const lease = this.#lease ?? (await this.#client.read());
      const { holder, transitions } = leaseRecordOf(lease);
      if (lease === undefined || holder !== this.#options.identity) return;
      const times = { acquireTime: now, renewTime: now };
      this.#observe(
        await this.#client.write(lease, { holder: '', durationMs: 1000, transitions, ...times }),
      );
    } catch (error) {
      this.#options.onError?.(error);
    }
  }

  #observe(lease: JsonObject): void {
    this.#lease = lease;
    const record = leaseRecordOf(lease);
    if (!isSameRecord(record, this.#observed)) {
      this.#observed = record;
      this.#observedAt = this.#clock.monotonic();
    }
    if (record.holder !== this.#reportedLeader) {
      this.#reportedLeader = record.holder;
      if (record.holder !== '') this.#options.onNewLeader?.(record.holder);
    }
  }
}
