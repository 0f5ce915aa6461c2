import { isForbidden } from '../../kubernetes/api-error.ts';
import { Reflector } from '../../kubernetes/reflector.ts';
import { Store } from '../../kubernetes/store.ts';
import { type Application, applicationResource } from '../application.ts';
import type { Session } from '../session.ts';
import { blocked, type Goal, type Progress, pending } from './goal.ts';
import { progressOf } from './progress.ts';

/** How an application was when it reached its goal, or when waiting for it ended. */
export interface Arrival {
  readonly name: string;
  readonly progress: Progress;
  readonly application: Application | undefined;
}

/** The first look takes a while, however short one is ready to wait. */
const FIRST_LOOK_MS = 30_000;
/** A longer timer would fire at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/**
 * Watches the targets until each has reached its goal, or cannot, or `timeoutMs` have passed; tells
 * of each when it is decided.
 */
export async function awaitGoals(
  { transport, namespace, now }: Session,
  targets: readonly { readonly name: string; readonly goal: Goal }[],
  timeoutMs: number,
  onArrival: (arrival: Arrival) => void,
): Promise<void> {
  if (targets.length === 0) return;
  const patienceMs = Math.min(timeoutMs, LONGEST_TIMER_MS);
  const deadline = now() + patienceMs;
  const store = new Store<Application>();
  const ending = new AbortController();
  let fault: unknown;
  const [only] = targets;
  const reflector = new Reflector({
    transport,
    resource: applicationResource,
    store,
    namespace,
    ...(only !== undefined &&
      targets.length === 1 && { fieldSelector: `metadata.name=${only.name}` }),
    onError(error) {
      fault = error;
      // What a right is missing for is missing the next time too.
      if (isForbidden(error)) ending.abort(error);
    },
  });
  const running = reflector.run(ending.signal);
  const open = new Map(targets.map((target) => [target.name, target.goal]));
  const arrived = Promise.withResolvers<void>();
  const close = (name: string, progress: Progress): void => {
    open.delete(name);
    onArrival({ name, progress, application: store.get(`${namespace}/${name}`) });
    if (open.size === 0) arrived.resolve();
  };
  const look = (name: string, goal: Goal): Progress => {
    const application = store.get(`${namespace}/${name}`);
    if (application === undefined) return blocked('it was deleted.');
    return progressOf(application, goal, { now: now(), deadline });
  };
  const decide = (name: string): void => {
    const goal = open.get(name);
    if (goal === undefined) return;
    const progress = look(name, goal);
    if (progress.kind !== 'pending') close(name, progress);
  };
  try {
    const patience = AbortSignal.timeout(Math.max(patienceMs, FIRST_LOOK_MS));
    await store.whenSynced(AbortSignal.any([ending.signal, patience])).catch((error: unknown) => {
      throw fault ?? error;
    });
    store.subscribe(({ object }) => decide(object.metadata.name));
    for (const { name } of targets) decide(name);
    const timer = setTimeout(arrived.resolve, Math.max(0, deadline - now()));
    ending.signal.addEventListener('abort', () => arrived.reject(ending.signal.reason));
    await arrived.promise.finally(() => clearTimeout(timer));
    for (const [name, goal] of open) {
      const progress = look(name, goal);
      close(name, progress.kind === 'pending' ? timedOut(progress.message) : progress);
    }
  } finally {
    ending.abort();
    await running;
  }
}

function timedOut(message: string): Progress {
  return pending(`not within the time given: ${message}`);
}
