/**
 * Keeps lists and writes apart: a list waits for the writes under way, and later writes wait for
 * the list. So each write's answer is known to be older than a list or newer than it, which
 * resource versions alone, being compared for equality only, would not tell.
 */
export class Gate {
  #list: Promise<void> | undefined;
  #writes = 0;
  #onIdle: (() => void) | undefined;

  /** Runs a write, together with others. */
  async write<R>(run: () => Promise<R>): Promise<R> {
    while (this.#list !== undefined) await this.#list;
    this.#writes += 1;
    try {
      return await run();
    } finally {
      this.#writes -= 1;
      if (this.#writes === 0) this.#onIdle?.();
    }
  }

  /** Runs a list alone. Lists of one gate must not overlap. */
  async list<R>(run: () => Promise<R>): Promise<R> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#list = promise;
    try {
      if (this.#writes > 0) await new Promise<void>((idle) => (this.#onIdle = idle));
      return await run();
    } finally {
      this.#onIdle = undefined;
      this.#list = undefined;
      resolve();
    }
  }
}
