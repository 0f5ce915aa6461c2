import type { KubeConfig } from '@kubernetes/client-node';
import { Client, type Dispatcher, Pool, ProxyAgent } from 'undici';
import type { Clock } from './clock.ts';
import { CredentialSource, type Credentials } from './credentials.ts';

/** Credentials together with the connections that were opened with them. */
export interface Session extends Credentials {
  pool: Dispatcher;
}

export interface SessionKeeperOptions {
  kubeConfig: KubeConfig;
  clock: Clock;
  connections: number;
  maxAgeMs: number;
}

// The API server closes idle connections after 90 s; leave before it does.
const KEEP_ALIVE_MS = 60_000;
const MAX_RESPONSE_BYTES = 64 * 1024 * 1024;
// However many requests are refused at once, files and plugins are asked no more often.
const MIN_RENEWAL_INTERVAL_MS = 1000;

/**
 * Holds the session in use and replaces it when the credentials change: a new token keeps the
 * connections; a new CA, client certificate or address gets new ones, and requests under way
 * finish on the old. Needs no timer: age is looked at when a request is made.
 */
export class SessionKeeper {
  readonly #source: CredentialSource;
  readonly #clock: Clock;
  readonly #connections: number;
  readonly #maxAgeMs: number;
  #session: Session | undefined;
  #loading: Promise<Session> | undefined;
  #loadedAt = Number.NEGATIVE_INFINITY;
  #renewedAt = Number.NEGATIVE_INFINITY;
  #staleAt = Number.NEGATIVE_INFINITY;
  #closed: Promise<void> | undefined;

  constructor(options: SessionKeeperOptions) {
    this.#source = new CredentialSource(options.kubeConfig);
    this.#clock = options.clock;
    this.#connections = options.connections;
    this.#maxAgeMs = options.maxAgeMs;
  }

  /** The session to use now; rejects where no credentials could be had even once. */
  current(): Session | Promise<Session> {
    const session = this.#session;
    if (session !== undefined && this.#clock.monotonic() < this.#staleAt) return session;
    return this.#load(false);
  }

  /** After `used` was refused: the session to try instead, or `used` itself if there is none. */
  async renew(used: Session): Promise<Session> {
    if (this.#loading !== undefined) await this.#loading;
    if (this.#session !== undefined && this.#session !== used) return this.#session;
    const now = this.#clock.monotonic();
    if (now - this.#renewedAt < MIN_RENEWAL_INTERVAL_MS) return used;
    this.#renewedAt = now;
    return this.#load(true);
  }

  /** Has the files looked at before the next request, at most once a second. */
  suspect(): void {
    this.#staleAt = Math.min(this.#staleAt, this.#loadedAt + MIN_RENEWAL_INTERVAL_MS);
  }

  /** Lets requests under way finish, then closes the connections. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    await this.#loading?.catch(() => undefined);
    await this.#session?.pool.close();
  }

  #load(fresh: boolean): Promise<Session> {
    this.#loading ??= this.#replace(fresh).finally(() => {
      this.#loading = undefined;
    });
    return this.#loading;
  }

  async #replace(fresh: boolean): Promise<Session> {
    const previous = this.#session;
    this.#loadedAt = this.#clock.monotonic();
    try {
      const credentials = await this.#source.load(fresh);
      this.#session = this.#sessionOf(credentials, previous);
      this.#staleAt = this.#loadedAt + this.#maxAgeMs;
      return this.#session;
    } catch (error) {
      // A file that is being replaced is unreadable for a moment; what was read before may do.
      if (previous === undefined) throw error;
      this.#staleAt = this.#loadedAt + MIN_RENEWAL_INTERVAL_MS;
      return previous;
    }
  }

  #sessionOf(credentials: Credentials, previous: Session | undefined): Session {
    if (previous?.connectionKey === credentials.connectionKey) {
      const unchanged = previous.headers.join('\n') === credentials.headers.join('\n');
      return unchanged ? previous : { ...credentials, pool: previous.pool };
    }
    if (previous !== undefined) void previous.pool.close();
    const pool = dispatcherFor(credentials, {
      connections: this.#connections,
      maxResponseSize: MAX_RESPONSE_BYTES,
    });
    return { ...credentials, pool };
  }
}

/** A dispatcher for one long answer of any length, to be destroyed after it. */
export function watchDispatcher(credentials: Credentials): Dispatcher {
  return dispatcherFor(credentials, { connections: 1 });
}

function dispatcherFor(credentials: Credentials, limits: Pool.Options): Dispatcher {
  const { origin, proxyUrl, tls } = credentials;
  // HTTP/1.1: a stalled HTTP/2 connection would stall every request at once.
  const common = {
    ...limits,
    allowH2: false,
    keepAliveTimeout: KEEP_ALIVE_MS,
    keepAliveMaxTimeout: KEEP_ALIVE_MS,
    connectTimeout: 10_000,
  };
  if (proxyUrl !== undefined) {
    return new ProxyAgent({ ...common, uri: proxyUrl, requestTls: { ...tls, allowH2: false } });
  }
  const connect = { ...tls, keepAlive: true, keepAliveInitialDelay: 30_000 };
  if (limits.connections !== 1) return new Pool(origin, { ...common, connect });
  const { connections: _, ...single } = common;
  return new Client(origin, { ...single, connect });
}
