/** The runs give a leader 2 s to renew; a write of the last moment comes a little later. */
const NOTICED_WITHIN_MS = 3000;
/** What a process had sent before it was paused reaches the API server once it goes on. */
const STRAGGLING_MS = 1000;

/** When a replica may write that is not the leader any more, which no fence can prevent. */
export class Contest {
  #until = Number.NEGATIVE_INFINITY;

  /** The Lease is deleted: whoever takes it does not wait for the leader to notice. */
  leaseDeleted(): void {
    this.#begin(NOTICED_WITHIN_MS);
  }

  resumed(): void {
    this.#begin(STRAGGLING_MS);
  }

  isOn(): boolean {
    return performance.now() < this.#until;
  }

  #begin(ms: number): void {
    this.#until = Math.max(this.#until, performance.now() + ms);
  }
}
