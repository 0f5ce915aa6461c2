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
  /** Whether another process than the leader may have sent it for good reason. */
  readonly contested: boolean;
}

/**
 * Retries double from a few milliseconds on: some eight in the first second, each of a few writes,
 * and as many again for each change that somebody makes meanwhile.
 */
const MOST_IN_A_SECOND = 60;

/** Judges what the replicas send: one writes at a time, and not without pause. */
export class Traffic {
  #writer: string | undefined;
  readonly #former = new Set<string>();
  readonly #recent = new Map<string, number[]>();

  take({ by, at, namespace, what, object, contested }: SentWrite): string[] {
    // Two that see things differently undo what the other one tells, until one of them notices.
    if (contested) return [];
    const complaints: string[] = [];
    if (this.#former.has(by)) complaints.push(`process ${by} wrote after another had taken over`);
    const writer = this.#writer;
    if (writer !== undefined && writer !== by) this.#former.add(writer);
    this.#writer = by;
    const key = `${namespace}/${object}`;
    const recent = (this.#recent.get(key) ?? []).filter((each) => each > at - 1000);
    recent.push(at);
    this.#recent.set(key, recent);
    if (recent.length === MOST_IN_A_SECOND) complaints.push(`${what} of ${key} again and again`);
    return complaints;
  }
}
