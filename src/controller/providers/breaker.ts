const FAILURES = 5;
// What fails for one client alone says nothing of the provider.
const CLIENTS = 2;
const FIRST_PAUSE_MS = 5_000;
const LONGEST_PAUSE_MS = 60_000;
const TRIAL_PAUSE_MS = 1_000;

/**
 * A circuit breaker. After 5 failures in a row, of 2 clients at least, nothing is let through for
 * 5 s, then one call, on which it depends whether all are, or none for twice as long, up to a minute.
 */
export class Breaker {
  readonly #now: () => number;
  #failures = 0;
  readonly #clients = new Set<string>();
  #openings = 0;
  #heldUntil = Number.NEGATIVE_INFINITY;
  #trial = false;

  /** `now` is monotonic, in milliseconds. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** In how many milliseconds it is worth asking again; undefined where a call may be made. */
  hold(): number | undefined {
    const wait = this.#heldUntil - this.#now();
    if (wait > 0) return wait;
    return this.#trial ? TRIAL_PAUSE_MS : undefined;
  }

  /** Whether calls are held back, or all but one, because the last ones failed. */
  get isOpen(): boolean {
    return this.#openings > 0;
  }

  /** A call is made, where it may be: its outcome must be told. */
  begun(): void {
    this.#trial = this.#openings > 0;
  }

  /** The provider answered, whatever it said. */
  succeeded(): void {
    this.#failures = 0;
    this.#clients.clear();
    this.#openings = 0;
    this.#heldUntil = Number.NEGATIVE_INFINITY;
    this.#trial = false;
  }

  /** The provider did not answer, or not as it should. Returns whether this opened the circuit. */
  failed(client: string): boolean {
    if (this.#openings > 0) {
      if (this.#trial) this.#open();
      return false;
    }
    this.#failures += 1;
    this.#clients.add(client);
    if (this.#failures < FAILURES || this.#clients.size < CLIENTS) return false;
    this.#open();
    return true;
  }

  /** The call came to nothing for a reason of the caller's. */
  abandoned(): void {
    this.#trial = false;
  }

  /** The provider asked for so long a pause. */
  pause(ms: number): void {
    this.#trial = false;
    this.#heldUntil = Math.max(this.#heldUntil, this.#now() + ms);
  }

  #open(): void {
    this.#trial = false;
    this.#heldUntil =
      this.#now() + Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** this.#openings);
    this.#openings += 1;
  }
}
