import { ApiError, isGone, isNotFound, NetworkError, retryAfterOf } from './api-error.ts';
import { Backoff } from './backoff.ts';
import { type Clock, systemClock } from './clock.ts';
import { arrayAt, objectAt, stringAt } from './json.ts';
import { LineSplitter } from './line-splitter.ts';
import { type KubernetesObject, type Resource, resourcePath } from './resource.ts';
import { sleep } from './sleep.ts';
import { type Feed, keyOf, type Store } from './store.ts';
import type { Transport } from './transport.ts';
import { parseWatchEvent } from './watch-event.ts';

export interface ReflectorErrorContext {
  /** The plural. */
  resource: string;
  phase: 'list' | 'watch';
  /** When it is tried again; 0 where a single object could not be parsed and was passed over. */
  retryInMs: number;
}

export interface ReflectorOptions<T extends KubernetesObject> {
  transport: Transport;
  resource: Resource<T>;
  store: Store<T>;
  /** Default: all namespaces. */
  namespace?: string;
  labelSelector?: string;
  fieldSelector?: string;
  clock?: Clock;
  random?: () => number;
  onError?: (error: unknown, context: ReflectorErrorContext) => void;
  /** Objects a page of a list; default 500. */
  pageSize?: number;
  /** How long a watch may be silent; default 70 s, as bookmarks come each minute. */
  idleTimeoutMs?: number;
}

const LIST_TIMEOUT_MS = 60_000;
const MAX_LINE_BYTES = 16 * 1024 * 1024;
const SHORT_WATCH_MS = 1000;

/** Keeps a store equal to a resource of the API server: lists once, then watches. */
export class Reflector<T extends KubernetesObject> {
  readonly #options: ReflectorOptions<T>;
  readonly #feed: Feed<T>;
  readonly #path: string;
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #backoff: Backoff;
  #pageSize: number;
  /** Where the next watch starts; undefined: list first. */
  #version: string | undefined;
  #listedVersion: string | undefined;
  /** Where the last watch failed. */
  #failedAt: string | undefined;

  /** Registers the feed at once, so that the store waits for it. */
  constructor(options: ReflectorOptions<T>) {
    this.#options = options;
    const { resource, namespace } = options;
    this.#path = resourcePath(resource, { namespace });
    this.#feed = options.store.feed(namespace);
    this.#clock = options.clock ?? systemClock;
    this.#random = options.random ?? Math.random;
    this.#pageSize = options.pageSize ?? 500;
    this.#backoff = new Backoff({
      baseMs: 800,
      maxMs: 30_000,
      resetAfterMs: 120_000,
      clock: this.#clock,
      random: this.#random,
    });
  }

  /** Runs until the signal aborts. Faults are told to `onError` and tried again for ever. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const phase = this.#version === undefined ? 'list' : 'watch';
      try {
        if (this.#version === undefined) await this.#list(signal);
        else await this.#watch(this.#version, signal);
      } catch (error) {
        if (signal.aborted) return;
        // An expired version is how a watch is told to list again: no fault, unless it was just listed.
        const expired = phase === 'watch' && isGone(error);
        const atOnce = expired && this.#version !== this.#listedVersion;
        const retryInMs = atOnce ? 0 : this.#backoff.next(retryAfterOf(error));
        if (phase === 'list') this.#afterFailedList(error);
        else this.#afterFailedWatch(error);
        if (!expired) this.#report(error, phase, retryInMs);
        if (!atOnce) await sleep(retryInMs, signal);
      }
    }
  }

  async #list(signal: AbortSignal): Promise<void> {
    let version = '';
    await this.#feed.list(async () => {
      const listing: { objects: T[]; unreadable: string[] } = { objects: [], unreadable: [] };
      version = await this.#pages(listing, signal);
      return listing;
    });
    this.#version = version;
    this.#listedVersion = version;
    this.#failedAt = undefined;
  }

  /** Reads all pages, which are of one version, and returns that. */
  async #pages(
    listing: { objects: T[]; unreadable: string[] },
    signal: AbortSignal,
  ): Promise<string> {
    const query = { ...this.#selector(), limit: String(this.#pageSize) };
    let next: string | undefined;
    for (;;) {
      const page = await this.#options.transport.request({
        method: 'GET',
        path: this.#path,
        query: next === undefined ? query : { ...query, continue: next },
        timeoutMs: LIST_TIMEOUT_MS,
        signal,
      });
      for (const item of arrayAt(page, 'items')) {
        const object = this.#parse(item, 'list');
        if (object === undefined) listing.unreadable.push(rawKeyOf(item));
        else listing.objects.push(object);
      }
      const metadata = objectAt(page, 'metadata');
      next = stringAt(metadata, 'continue');
      if (!next) {
        const version = stringAt(metadata, 'resourceVersion');
        if (version) return version;
        const request = { method: 'GET', path: this.#path };
        throw new NetworkError(request, 'INVALID_RESPONSE', 'a list without resourceVersion');
      }
    }
  }

  async #watch(version: string, signal: AbortSignal): Promise<void> {
    const timeoutSeconds = 290 + Math.floor(this.#random() * 300);
    const startedAt = this.#clock.monotonic();
    const request = { method: 'GET', path: this.#path } as const;
    const lines = new LineSplitter(MAX_LINE_BYTES, (line) => this.#take(line));
    await this.#options.transport.stream(
      {
        ...request,
        query: {
          ...this.#selector(),
          watch: 'true',
          allowWatchBookmarks: 'true',
          resourceVersion: version,
          timeoutSeconds: String(timeoutSeconds),
        },
        // A server that does not keep to timeoutSeconds is not waited for.
        timeoutMs: (timeoutSeconds + 10) * 1000,
        ...(this.#options.idleTimeoutMs !== undefined && {
          idleTimeoutMs: this.#options.idleTimeoutMs,
        }),
        signal,
      },
      (chunk) => lines.push(chunk),
    );
    const short = this.#clock.monotonic() - startedAt < SHORT_WATCH_MS;
    if (short && this.#version === version) {
      throw new NetworkError(request, 'SHORT_WATCH', 'the watch ended at once without an event');
    }
  }

  #take(line: string): void {
    const event = parseWatchEvent({ method: 'GET', path: this.#path }, line);
    if (event.type === 'DELETED') {
      const uid = stringAt(objectAt(event.object, 'metadata'), 'uid');
      this.#feed.observeDeletion(rawKeyOf(event.object), uid, this.#parse(event.object, 'watch'));
    } else if (event.type !== 'BOOKMARK') {
      const object = this.#parse(event.object, 'watch');
      if (object !== undefined) this.#feed.observe(object);
    }
    this.#version = event.version;
  }

  /** One object that cannot be read must not hide all the others. */
  #parse(raw: unknown, phase: 'list' | 'watch'): T | undefined {
    try {
      return this.#options.resource.parse(raw);
    } catch (error) {
      this.#report(error, phase, 0);
      return undefined;
    }
  }

  #afterFailedList(error: unknown): void {
    // One page of large objects can exceed what is taken as one answer.
    if (error instanceof NetworkError && error.code === 'UND_ERR_RES_EXCEEDED_MAX_SIZE') {
      this.#pageSize = Math.ceil(this.#pageSize / 5);
    }
  }

  #afterFailedWatch(error: unknown): void {
    // What fails twice at one version would fail there for ever.
    const stuck = this.#failedAt === this.#version && !isUnanswered(error);
    this.#failedAt = this.#version;
    if (stuck || isGone(error) || isNotFound(error)) this.#version = undefined;
  }

  #selector(): Record<string, string> {
    const { labelSelector, fieldSelector } = this.#options;
    return {
      ...(labelSelector !== undefined && { labelSelector }),
      ...(fieldSelector !== undefined && { fieldSelector }),
    };
  }

  #report(error: unknown, phase: 'list' | 'watch', retryInMs: number): void {
    this.#options.onError?.(error, { resource: this.#options.resource.plural, phase, retryInMs });
  }
}

/** True where the server could not be reached or was busy, which says nothing of the version. */
function isUnanswered(error: unknown): boolean {
  if (error instanceof NetworkError) return error.code !== 'INVALID_RESPONSE';
  return error instanceof ApiError && [429, 503, 504].includes(error.status);
}

function rawKeyOf(raw: unknown): string {
  const metadata = objectAt(raw, 'metadata');
  const namespace = stringAt(metadata, 'namespace');
  const name = stringAt(metadata, 'name') ?? '';
  return keyOf(namespace === undefined ? { name } : { namespace, name });
}
