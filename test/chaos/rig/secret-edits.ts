import { randomBytes } from 'node:crypto';
import { claimantOf, KEYS } from '../checker/backing-secret.ts';
import type { SecretState } from '../checker/observed.ts';
import type { Action, Put } from '../plan/actions.ts';
import { pathOf } from './api.ts';
import { liveApplications, liveSecrets } from './objects.ts';
import type { Rig } from './rig.ts';

export type SecretAction = Extract<
  Action,
  {
    readonly kind:
      | 'delete Secret'
      | 'put current'
      | 'put previous'
      | 'add data'
      | 'freeze Secret'
      | 'malform'
      | 'repair'
      | 'strip labels'
      | 'usurp';
  }
>;

/** Does to backing Secrets what people and their tools do. */
export class SecretEditor {
  readonly #rig: Rig;
  /** Annotations that were made unreadable, as they were, by the UID of the Secret. */
  readonly #intact = new Map<string, Record<string, string>>();

  constructor(rig: Rig) {
    this.#rig = rig;
  }

  /** Resolves to what came of it. */
  async perform(action: SecretAction, secret: SecretState): Promise<string> {
    switch (action.kind) {
      case 'delete Secret':
        return this.#rig.user.delete(pathTo(secret), secret.uid);
      case 'put current':
        return this.#put(secret, KEYS.current, action.put);
      case 'put previous':
        return this.#put(secret, KEYS.previous, action.put);
      case 'add data':
        return this.#patch(secret, { data: { note: freshValue() } });
      case 'freeze Secret':
        return this.#patch(secret, { immutable: true });
      case 'malform':
        return this.#malform(secret, `keyturn.dev/${action.annotation}`);
      case 'repair':
        return this.#repair(secret);
      case 'strip labels':
        return this.#stripLabels(secret, action.target.name);
      case 'usurp': {
        const offeredTo = action.offered ? action.target.name : undefined;
        await this.#rig.user.delete(pathTo(secret), secret.uid);
        return occupy(this.#rig, secret.namespace, secret.name, offeredTo);
      }
    }
  }

  async #put(secret: SecretState, keys: readonly string[], put: Put): Promise<string> {
    const key = keys.find((each) => each in secret.data) ?? keys[namingOf(secret)] ?? '';
    if (put === 'absent') return this.#patch(secret, { data: { [key]: null } });
    if (put === 'empty') return this.#patch(secret, { data: { [key]: '' } });
    const former = this.#rig.recorder
      .tokensOf(secret)
      .findLast((token) => !Object.values(secret.data).includes(token));
    if (put === 'new' || former === undefined) {
      return this.#patch(secret, { data: { [key]: freshValue() } });
    }
    const answer = await this.#patch(secret, {
      data: { [key]: this.#rig.values.valueOf(former) },
    });
    return `${former} ${answer}`;
  }

  async #malform(secret: SecretState, annotation: string): Promise<string> {
    const answer = await this.#patch(secret, {
      metadata: { annotations: { [annotation]: 'unreadable' } },
    });
    // What was not made unreadable goes on, and must not be put back to what it was.
    if (answer.endsWith(' 200')) {
      const was = { [annotation]: secret.annotations[annotation] ?? '' };
      this.#intact.set(secret.uid, { ...was, ...this.#intact.get(secret.uid) });
    }
    return answer;
  }

  async #repair(secret: SecretState): Promise<string> {
    const annotations = this.#intact.get(secret.uid);
    if (annotations === undefined) return 'nothing to repair';
    this.#intact.delete(secret.uid);
    return this.#patch(secret, { metadata: { annotations } });
  }

  /** Where the operator has no other way to find the Secret, it is nobody's any more. */
  async #stripLabels(secret: SecretState, name: string): Promise<string> {
    const application = liveApplications(this.#rig.recorder).find(
      (each) => each.namespace === secret.namespace && each.name === name,
    );
    const isNamed = application?.spec.secretName === secret.name && !application.spec.suspend;
    if (!isNamed) return 'not to be found by name';
    const labels = { 'app.kubernetes.io/managed-by': null, 'keyturn.dev/application': null };
    return this.#patch(secret, { metadata: { labels } });
  }

  async #patch(secret: SecretState, patch: Record<string, unknown>): Promise<string> {
    // Under a key that was renamed meanwhile a value would be foreign data, which stays.
    const { uid, resourceVersion } = secret;
    const metadata = { ...Object(patch['metadata']), uid, resourceVersion };
    const answer = await this.#rig.user.patch(pathTo(secret), { ...patch, metadata });
    return `${secret.name} ${answer}`;
  }
}

/** Somebody else's Secret under a name that an application may use, offered to it or not. */
export function occupy(
  { user }: Rig,
  namespace: string,
  name: string,
  offeredTo: string | undefined,
): Promise<string> {
  const annotations = offeredTo && { 'keyturn.dev/adopt-by': offeredTo };
  return user.create(pathOf('secret', namespace), {
    metadata: { name, ...(annotations && { annotations }) },
    data: { 'client-secret': freshValue(), note: freshValue() },
  });
}

export async function vacate(
  { user, recorder }: Rig,
  namespace: string,
  name: string,
): Promise<string> {
  const secret = liveSecrets(recorder).find(
    (each) => each.namespace === namespace && each.name === name,
  );
  if (secret === undefined || claimantOf(secret) !== undefined) return 'not there';
  return user.delete(pathTo(secret), secret.uid);
}

function pathTo({ namespace, name }: SecretState): string {
  return pathOf('secret', namespace, name);
}

/** Which of the two names each key has in the Secret now, whatever spec says meanwhile. */
function namingOf({ data }: SecretState): number {
  return Math.max(
    0,
    KEYS.clientID.findIndex((key) => key in data),
  );
}

/** A client secret that somebody else made, in base64. */
function freshValue(): string {
  return Buffer.from(randomBytes(24).toString('base64url')).toString('base64');
}
