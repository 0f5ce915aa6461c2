import type { ProviderConfig } from '../../providers/config.ts';
import type { GuardedProvider } from './access.ts';
import { isSameConfig } from './configure.ts';
import { Connection, type ConnectionOptions } from './connection.ts';
import type { ProviderObserver } from './observer.ts';
import type { Found, Problem } from './status.ts';

/** A connection, and what is known of the provider behind it. */
export interface Link {
  readonly connection: Connection;
  /** What it was when it was reached; undefined where it was not yet, or where it refused. */
  found: Found | undefined;
  /** What came of the last check; undefined where it was in order. */
  problem: Problem | undefined;
  /** When it was in order last, on the monotonic clock. */
  checkedAt: number;
  /** How often it is to be checked, in milliseconds. */
  intervalMs: number;
  guarded: GuardedProvider | undefined;
}

export interface LinksOptions extends Omit<ConnectionOptions, 'answered'> {
  readonly observer: Pick<ProviderObserver, 'answered'>;
}

/** One link for each provider that has a configuration, as long as that stays the same. */
export class Links {
  readonly #options: LinksOptions;
  readonly #links = new Map<string, Link>();
  readonly #closing = new Set<Promise<void>>();

  constructor(options: LinksOptions) {
    this.#options = options;
  }

  /** The link for this configuration: the one that there is, or a new one in place of it. */
  connect(key: string, config: ProviderConfig): Link {
    const before = this.#links.get(key);
    if (before !== undefined) {
      if (isSameConfig(before.connection.config, config)) return before;
      this.disconnect(key);
    }
    const link: Link = {
      connection: new Connection(config, {
        ...this.#options,
        answered: (observation) => this.#options.observer.answered(key, observation),
      }),
      found: undefined,
      problem: undefined,
      checkedAt: Number.NEGATIVE_INFINITY,
      intervalMs: 0,
      guarded: undefined,
    };
    this.#links.set(key, link);
    return link;
  }

  /** Whether the circuit of the provider's connection is open. */
  isOpen(key: string): boolean {
    return this.#links.get(key)?.connection.breaker.isOpen ?? false;
  }

  /** Closes the link, once the calls under way have ended. */
  disconnect(key: string): void {
    const link = this.#links.get(key);
    if (link === undefined) return;
    this.#links.delete(key);
    const closing = link.connection.close().finally(() => this.#closing.delete(closing));
    this.#closing.add(closing);
  }

  async close(): Promise<void> {
    for (const key of [...this.#links.keys()]) this.disconnect(key);
    await Promise.all(this.#closing);
  }
}
