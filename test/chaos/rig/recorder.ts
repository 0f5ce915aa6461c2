import { claimantOf, currentTokens, previousTokens } from '../checker/backing-secret.ts';
import { arrayAt, objectAt, textAt } from '../checker/json.ts';
import { keyOf, type Moment, type SecretState, type Token } from '../checker/observed.ts';
import { applicationOf, secretOf } from '../checker/parse.ts';
import { type Api, pathOf, type WatchEvent } from './api.ts';
import type { Clocks } from './clock.ts';
import type { Contest } from './contest.ts';
import type { Values } from './values.ts';

type Kind = Moment['kind'];
const KINDS: readonly Kind[] = ['application', 'secret'];

/** Everything that the API server stores in some namespaces, seen by watches of the test's own. */
export class Recorder {
  readonly #api: Api;
  readonly #clocks: Clocks;
  readonly #contest: Contest;
  readonly #values: Values;
  readonly #namespaces: readonly string[];
  readonly #ending = new AbortController();
  #running: Promise<void>[] = [];
  #moments: Moment[] = [];
  readonly #live = new Map<string, Moment>();
  readonly #tokens = new Map<string, Set<Token>>();
  readonly #failed = Promise.withResolvers<never>();
  /** Versions that the test itself wrote, and UIDs that it or the operator deleted. */
  readonly #users = new Set<string>();
  readonly #operatorDeletions = new Set<string>();

  constructor(
    api: Api,
    clocks: Clocks,
    contest: Contest,
    values: Values,
    namespaces: readonly string[],
  ) {
    this.#api = api;
    this.#clocks = clocks;
    this.#contest = contest;
    this.#values = values;
    this.#namespaces = namespaces;
    this.#failed.promise.catch(() => undefined);
  }

  async start(): Promise<void> {
    for (const namespace of this.#namespaces) {
      for (const kind of KINDS) {
        const path = pathOf(kind, namespace);
        const { body } = await this.#api.send('GET', path);
        const version = textAt(objectAt(body, 'metadata'), 'resourceVersion') ?? '';
        for (const object of arrayAt(body, 'items')) this.#take(kind, { type: 'ADDED', object });
        const watching = this.#api.watch(path, version, this.#ending.signal, (event) =>
          this.#take(kind, event),
        );
        this.#running.push(watching.catch((error: unknown) => this.#fail(error)));
      }
    }
  }

  /** Notes that the test wrote an object: what the answer to the write holds. */
  noteUserWrite(body: unknown): void {
    const version = textAt(objectAt(body, 'metadata'), 'resourceVersion');
    if (version !== undefined) this.#users.add(version);
  }

  noteUserDeletion(uid: string): void {
    this.#users.add(uid);
  }

  /** Notes that the operator asked for the deletion of the Secret under this key. */
  noteOperatorDeletion(key: string): void {
    this.#operatorDeletions.add(key);
  }

  /** When something was stored last, by performance.now(). */
  changedAt = performance.now();

  /** What is there now, as far as it was seen. */
  live(): Moment[] {
    return [...this.#live.values()];
  }

  /** The values that the application of a Secret ever had, in the order in which they were seen. */
  tokensOf(secret: SecretState): Token[] {
    return [...(this.#tokens.get(claimKeyOf(secret)) ?? [])];
  }

  /** Waits until everything that is stored was seen. */
  async catchUp(): Promise<void> {
    for (const namespace of this.#namespaces) {
      for (const kind of KINDS) await this.#catchUpWith(kind, namespace);
    }
  }

  /** What was stored since the last call, in order, by whom it was. */
  drain(): Moment[] {
    const moments = this.#moments.map((moment) => ({ ...moment, by: this.#authorOf(moment) }));
    this.#moments = [];
    return moments.sort((a, b) => (a.revision < b.revision ? -1 : 1));
  }

  /** Rejects if a watch fails. */
  get failed(): Promise<never> {
    return this.#failed.promise;
  }

  async stop(): Promise<void> {
    this.#ending.abort();
    await Promise.all(this.#running);
  }

  async #catchUpWith(kind: Kind, namespace: string): Promise<void> {
    const { body } = await this.#api.send('GET', pathOf(kind, namespace));
    const stored = arrayAt(body, 'items').map((item) => versionOf(item));
    const listedAt = BigInt(textAt(objectAt(body, 'metadata'), 'resourceVersion') ?? '0');
    const deadline = performance.now() + 10_000;
    for (;;) {
      const seen = this.live().filter(
        (each) => each.kind === kind && each.state.namespace === namespace,
      );
      const versions = new Set(seen.map(({ revision }) => revision));
      // A watch delivers in order.
      const isPast = seen.some(({ revision }) => revision > listedAt);
      if (isPast || sameMembers(versions, stored)) return;
      if (performance.now() > deadline) throw new Error(`the watch of ${kind}s lags behind`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  #take(kind: Kind, { type, object }: WatchEvent): void {
    const gone = type === 'DELETED';
    const contested = this.#contest.isOn();
    const common = {
      revision: versionOf(object),
      at: this.#clocks.now(),
      gone,
      contested,
    } as const;
    const moment: Moment =
      kind === 'secret'
        ? { ...common, by: 'operator', kind, state: secretOf(object, this.#values.tokenOf) }
        : { ...common, by: 'operator', kind, state: applicationOf(object) };
    const key = `${kind} ${keyOf(moment.state)}`;
    if (gone) this.#live.delete(key);
    else this.#live.set(key, moment);
    if (moment.kind === 'secret') this.#noteTokens(moment.state);
    this.#moments.push(moment);
    this.changedAt = performance.now();
  }

  #noteTokens(secret: SecretState): void {
    const key = claimKeyOf(secret);
    const tokens = this.#tokens.get(key) ?? new Set();
    this.#tokens.set(key, tokens);
    for (const token of [...currentTokens(secret), ...previousTokens(secret)]) {
      if (token !== '') tokens.add(token);
    }
  }

  #authorOf({ gone, revision, state }: Moment): Moment['by'] {
    if (this.#users.has(gone ? state.uid : String(revision))) return 'user';
    return gone && !this.#operatorDeletions.has(keyOf(state)) ? 'collector' : 'operator';
  }

  #fail(error: unknown): void {
    if (!this.#ending.signal.aborted) this.#failed.reject(error);
  }
}

function claimKeyOf(secret: SecretState): string {
  return keyOf({ namespace: secret.namespace, name: claimantOf(secret)?.name ?? '' });
}

function versionOf(object: unknown): bigint {
  return BigInt(textAt(objectAt(object, 'metadata'), 'resourceVersion') ?? '0');
}

function sameMembers(a: ReadonlySet<bigint>, b: readonly bigint[]): boolean {
  return a.size === b.length && b.every((each) => a.has(each));
}
