import { setTimeout as delay } from 'node:timers/promises';
import { isAlreadyExists, isNotFound, isTransient, retryAfterOf } from './api-error.ts';
import { Backoff } from './backoff.ts';
import { type Clock, systemClock } from './clock.ts';
import {
  type EventReporter,
  eventBody,
  eventNameOf,
  eventNamespaceOf,
  type RecordedEvent,
  seriesKeyOf,
} from './event-body.ts';
import { microTime } from './micro-time.ts';
import { resourcePath } from './resource.ts';
import { sleep } from './sleep.ts';
import type { Transport } from './transport.ts';

export type { EventReference, RecordedEvent } from './event-body.ts';

export interface EventRecorderOptions extends EventReporter {
  transport: Transport;
  clock?: Clock;
  random?: () => number;
  /** Told of each event that is given up. */
  onError?: (error: unknown) => void;
  /** Told of each event that is dropped because too many wait. */
  onDrop?: () => void;
  /** How many events wait at most to be sent; default 32768. */
  capacity?: number;
  /** While it answers true, at most ten events a second are sent, until half the capacity waits. */
  isBusy?: () => boolean;
}

/** Equal events; all but the first are counted on the first one's object. */
interface Series {
  event: RecordedEvent;
  name: string;
  count: number;
  created: boolean;
  firstAt: number;
  lastAt: number;
}

const EVENTS = { group: 'events.k8s.io', version: 'v1', plural: 'events', namespaced: true };
const SERIES_MS = 6 * 60_000;
const MAX_SERIES = 4096;
const MAX_WAITING = 32_768;
const PAUSE_MS = 100;
/** How many events are sent at once where half the capacity waits. */
const MAX_LANES = 8;
const MAX_TRIES = 8;
const REQUEST_TIMEOUT_MS = 10_000;

/**
 * Records Kubernetes events in the background, behind more important work: one request at a time,
 * some where many wait. Recording never throws and never waits; where events come faster than they
 * can be sent, the oldest are dropped.
 */
export class EventRecorder {
  readonly #transport: Transport;
  readonly #reporter: EventReporter;
  readonly #clock: Clock;
  readonly #onError: (error: unknown) => void;
  readonly #onDrop: () => void;
  readonly #capacity: number;
  readonly #isBusy: () => boolean;
  readonly #backoff: Backoff;
  /** In the order of their last occurrence. */
  readonly #series = new Map<string, Series>();
  readonly #queue = new Set<Series>();
  readonly #inFlight = new Set<Series>();
  readonly #sending = new Set<Promise<void>>();
  #lanes = 0;
  #isFlushing = false;

  constructor(options: EventRecorderOptions) {
    const { transport, reportingController, reportingInstance, random = Math.random } = options;
    this.#transport = transport;
    this.#reporter = { reportingController, reportingInstance };
    this.#clock = options.clock ?? systemClock;
    this.#onError = options.onError ?? (() => {});
    this.#onDrop = options.onDrop ?? (() => {});
    this.#capacity = options.capacity ?? MAX_WAITING;
    this.#isBusy = options.isBusy ?? (() => false);
    this.#backoff = new Backoff({
      baseMs: 500,
      maxMs: 30_000,
      resetAfterMs: 60_000,
      clock: this.#clock,
      random,
    });
  }

  /** Records an event; an equal one within six minutes of the last is counted on its object. */
  record(event: RecordedEvent): void {
    const now = this.#clock.now();
    const key = seriesKeyOf(event);
    let series = this.#series.get(key);
    if (series === undefined || Math.abs(now - series.lastAt) > SERIES_MS) {
      series = {
        event,
        name: eventNameOf(event),
        count: 0,
        created: false,
        firstAt: now,
        lastAt: now,
      };
    }
    series.count += 1;
    series.lastAt = now;
    this.#series.delete(key);
    this.#series.set(key, series);
    this.#evict(now);
    this.#queue.add(series);
    if (this.#queue.size > this.#capacity) {
      const [oldest] = this.#queue;
      if (oldest !== undefined) this.#queue.delete(oldest);
      this.#onDrop();
    }
    const lanes = this.#isCrowded() ? MAX_LANES : 1;
    if (this.#lanes < lanes) this.#openLane();
  }

  /** Waits until all recorded events are sent or given up, but no longer than `timeoutMs`. */
  async flush(timeoutMs: number): Promise<void> {
    this.#isFlushing = true;
    const waiting = new AbortController();
    await Promise.race([this.#drained(), sleep(timeoutMs, waiting.signal)]);
    waiting.abort();
    this.#isFlushing = false;
  }

  #evict(now: number): void {
    for (const [key, { lastAt }] of this.#series) {
      if (this.#series.size <= MAX_SERIES && Math.abs(now - lastAt) <= SERIES_MS) return;
      this.#series.delete(key);
    }
  }

  async #drained(): Promise<void> {
    while (this.#sending.size > 0) await Promise.all(this.#sending);
  }

  #openLane(): void {
    this.#lanes += 1;
    const sending = this.#send().finally(() => this.#sending.delete(sending));
    this.#sending.add(sending);
  }

  /** Sends one event after the other, until none is left or, unless it is the only one, few wait. */
  async #send(): Promise<void> {
    try {
      while (this.#queue.size > 0) {
        if (this.#mayWait()) await delay(PAUSE_MS);
        // An event that comes again while it is sent waits, so that its counts arrive in order.
        const series = this.#queue.values().find((each) => !this.#inFlight.has(each));
        if (series === undefined) return;
        this.#queue.delete(series);
        this.#inFlight.add(series);
        await this.#sendSeries(series);
        this.#inFlight.delete(series);
        if (this.#lanes > 1 && !this.#isCrowded()) return;
      }
    } finally {
      this.#lanes -= 1;
    }
  }

  #isCrowded(): boolean {
    return this.#queue.size >= this.#capacity / 2;
  }

  #mayWait(): boolean {
    return !this.#isFlushing && !this.#isCrowded() && this.#isBusy();
  }

  async #sendSeries(series: Series): Promise<void> {
    for (let tries = 1; ; tries += 1) {
      try {
        await this.#write(series);
        return;
      } catch (error) {
        if (!isTransient(error) || tries === MAX_TRIES) {
          this.#onError(error);
          return;
        }
        // Not a reason to keep a process alive that is about to end.
        await delay(this.#backoff.next(retryAfterOf(error)), undefined, { ref: false });
      }
    }
  }

  /** Creates the event, or tells the server how often it has happened since. */
  async #write(series: Series): Promise<void> {
    if (series.created && (await this.#patch(series))) return;
    const body = eventBody(series.event, series.name, this.#reporter, series.firstAt);
    try {
      const { namespace } = body.metadata;
      const path = resourcePath(EVENTS, { namespace });
      await this.#transport.request({ method: 'POST', path, body, timeoutMs: REQUEST_TIMEOUT_MS });
    } catch (error) {
      // The answer to an earlier try was lost.
      if (!isAlreadyExists(error)) throw error;
    }
    series.created = true;
    if (series.count > 1) await this.#patch(series);
  }

  /** False where the event is gone, as they are after an hour; it is then to be made anew. */
  async #patch(series: Series): Promise<boolean> {
    const { event, name, count, lastAt } = series;
    const namespace = eventNamespaceOf(event);
    try {
      await this.#transport.request({
        method: 'PATCH',
        path: resourcePath(EVENTS, { namespace, name }),
        body: { series: { count, lastObservedTime: microTime(lastAt) } },
        contentType: 'application/merge-patch+json',
        timeoutMs: REQUEST_TIMEOUT_MS,
      });
    } catch (error) {
      if (!isNotFound(error)) throw error;
      return false;
    }
    return true;
  }
}
