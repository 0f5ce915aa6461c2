/** A write that a replica sent, whatever became of it. */
export interface SentWrite {
  /** The process that sent it. */
  readonly by: string;
  /** By performance.now(). */
  readonly at: number;
  readonly namespace: string;
  /** The method and the resource, as in `PATCH secrets`. */
  readonly what: string;
  readonly object: string;
}

/**
 * Retries double from a few milliseconds on: some eight in the first second, each of a few writes,
 * and as many again for each change that somebody makes meanwhile.
 */
const MOST_IN_A_SECOND = 60;

/** The runs give a leader 2 s to renew; a write of the last moment comes a little later. */
const NOTICED_WITHIN_MS = 3000;

/** Judges what the replicas send: one writes at a time, and not without pause. */
export class Traffic {
  #writer: string | undefined;
  readonly #former = new Set<string>();
  readonly #recent = new Map<string, number[]>();
  #contestedUntil = Number.NEGATIVE_INFINITY;

  /** The Lease was deleted: whoever takes it does not wait for the leader to notice. */
  leaseDeleted(at: number): void {
    this.#contestedUntil = at + NOTICED_WITHIN_MS;
  }

  take({ by, at, namespace, what, object }: SentWrite): string[] {
    const complaints: string[] = [];
    if (this.#former.has(by)) complaints.push(`process ${by} wrote after another had taken over`);
    const writer = this.#writer;
    if (writer !== undefined && writer !== by && at > this.#contestedUntil)
      this.#former.add(writer);
    this.#writer = by;
    // Two who both hold themselves for the leader answer each other.
    const party = at > this.#contestedUntil ? '' : by;
    const name = `${namespace}/${object}`;
    const key = `${party} ${name}`;
    const recent = (this.#recent.get(key) ?? []).filter((each) => each > at - 1000);
    recent.push(at);
    this.#recent.set(key, recent);
    if (recent.length === MOST_IN_A_SECOND) complaints.push(`${what} of ${name} again and again`);
    return complaints;
  }
}
