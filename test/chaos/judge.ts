import { History, type Violation } from './checker/history.ts';
import { keyOf, type Moment } from './checker/observed.ts';
import { judgeQuiet, rememberBoundaries, restless } from './checker/quiet.ts';
import { kindOfWrite } from './checker/tally.ts';
import { type SentWrite, Traffic } from './checker/traffic.ts';
import type { Values } from './rig/values.ts';
import type { Trace } from './trace.ts';

/** What the log of an operator never says, whatever happens to it. */
const FAULTS_OF_ITS_OWN = ['Ended by a fault', 'did not settle within', 'A change was not handled'];

/** Collects what the checker finds in all that is seen of a run. */
export class Judge {
  readonly violations: string[] = [];
  readonly history = new History();
  readonly #traffic = new Traffic();
  readonly #trace: Trace;
  readonly #counts = new Map<string, number>();
  readonly #sent: SentWrite[] = [];
  #log: string[] = [];

  constructor(trace: Trace) {
    this.#trace = trace;
  }

  takeWrite(write: SentWrite): void {
    this.#sent.push(write);
    this.#trace.write('sent', { ...write });
    this.#count(write.what);
    for (const complaint of this.#traffic.take(write)) this.#report(complaint);
  }

  takeLine(replica: number, line: string): void {
    this.#log.push(line);
    const found = FAULTS_OF_ITS_OWN.find((text) => line.includes(text));
    if (found !== undefined) this.#report(`replica ${replica} said: ${line}`);
  }

  takeMoments(moments: readonly Moment[]): void {
    for (const moment of moments) {
      const { kind, by, gone, revision, state } = moment;
      const name = keyOf(state);
      if (kind === 'secret') {
        const { data, annotations } = moment.state;
        const version = annotations['keyturn.dev/secret-version'];
        this.#trace.write('secret', { revision, by, gone, name, version, data });
      }
      if (kind === 'application') {
        const { generation, status } = moment.state;
        this.#trace.write('application', { revision, by, gone, name, generation, status });
      }
      if (by === 'operator' && !gone) {
        const what =
          kind === 'secret' ? kindOfWrite(this.history.secret(name), moment.state) : 'told status';
        this.#count(`judged: ${what}`);
      }
      for (const violation of this.history.take(moment)) this.#reportViolation(violation);
    }
  }

  /** What is not as it must be once everything is quiet. */
  unrest(now: number): string[] {
    return judgeQuiet(this.history, now).map(textOf);
  }

  /** From now on the operator knows all that was; no value may have got into its log. */
  settle(now: number, values: Values): void {
    rememberBoundaries(this.history, now);
    this.history.settle(now);
    const token = values.foundIn(this.#log.join('\n'));
    if (token !== undefined) this.#report(`the log tells the value ${token}`);
    this.#log = [];
    this.#sent.splice(0);
  }

  /** The writes since then but for events, of what time alone does not change. */
  needless(since: number, now: number): SentWrite[] {
    const excused = restless(this.history, now);
    return this.#sent.filter(
      ({ at, what, namespace, object }) =>
        at >= since && !what.endsWith(' events') && !excused.has(`${namespace}/${object}`),
    );
  }

  report(complaints: readonly string[]): void {
    for (const complaint of complaints) this.#report(complaint);
  }

  counts(): Record<string, number> {
    return Object.fromEntries([...this.#counts].sort());
  }

  #count(what: string): void {
    this.#counts.set(what, (this.#counts.get(what) ?? 0) + 1);
  }

  #reportViolation(violation: Violation): void {
    this.#report(textOf(violation));
  }

  #report(complaint: string): void {
    this.violations.push(complaint);
    this.#trace.write('violation', { complaint });
  }
}

function textOf({ object, revision, complaint }: Violation): string {
  const at = revision === undefined ? '' : ` at revision ${revision}`;
  return `${object}${at}: ${complaint}`;
}
