import { recordOf } from '../checker/record.ts';
import type { Action, Replicas, Target } from '../plan/actions.ts';
import { pathOf } from './api.ts';
import { clocksCompared } from './comparison.ts';
import { type Origins, specOf, specPatch } from './manifest.ts';
import type { Member } from './member.ts';
import { backingSecretOf } from './objects.ts';
import type { Rig } from './rig.ts';
import { occupy, type SecretAction, SecretEditor, vacate } from './secret-edits.ts';

/** Does what the plan says. */
export class Performer {
  readonly #rig: Rig;
  readonly #secrets: SecretEditor;

  constructor(rig: Rig) {
    this.#rig = rig;
    this.#secrets = new SecretEditor(rig);
  }

  /** Resolves to what came of it. */
  async perform(action: Action): Promise<string> {
    const { clocks, user } = this.#rig;
    switch (action.kind) {
      case 'create':
        return user.create(pathOf('application', this.#namespaceOf(action.target)), {
          apiVersion: 'keyturn.dev/v1alpha1',
          kind: 'OIDCApplication',
          metadata: { name: action.target.name },
          spec: specOf(action.spec, this.#originsOf(action.target)),
        });
      case 'edit':
        return user.patch(this.#pathOf(action.target), {
          spec: specPatch(action.spec, this.#originsOf(action.target)),
        });
      case 'delete':
        return user.delete(this.#pathOf(action.target));
      case 'clear status':
        return user.patch(this.#pathOf(action.target, 'status'), { status: null });
      case 'occupy': {
        const offeredTo = action.offered ? action.target.name : undefined;
        return occupy(this.#rig, this.#namespaceOf(action.target), action.name, offeredTo);
      }
      case 'vacate':
        return vacate(this.#rig, this.#namespaceOf(action.target), action.name);
      case 'advance clock':
        clocks.advance(action.ms);
        return clocksCompared(this.#rig.members);
      case 'set clock wrong':
        clocks.setError(action.replica, action.ms);
        return clocksCompared(this.#rig.members);
      case 'delete Lease':
        return this.#deleteLease();
      case 'kill':
      case 'stop':
      case 'pause':
      case 'cut watches':
      case 'fault':
        return this.#onReplicas(action);
      default:
        return this.#onSecret(action);
    }
  }

  async #deleteLease(): Promise<string> {
    const { api, contest, leasePath } = this.#rig;
    contest.leaseDeleted();
    const { status } = await api.send('DELETE', leasePath);
    contest.leaseDeleted();
    return String(status);
  }

  #onReplicas(
    action: Extract<Action, { readonly kind: 'kill' | 'stop' | 'pause' | 'cut watches' | 'fault' }>,
  ): string {
    const replicas = 'replicas' in action ? action.replicas : action.replica;
    for (const member of this.#membersOf(replicas)) {
      if (action.kind === 'kill') member.end('SIGKILL', action.downMs);
      else if (action.kind === 'stop') member.end('SIGTERM', action.downMs);
      else if (action.kind === 'pause') member.pause(action.ms, action.whenBusy);
      else if (action.kind === 'fault') member.inject(action.fault, action.times);
      else member.cutWatches();
    }
    return '';
  }

  async #onSecret(action: SecretAction): Promise<string> {
    const namespace = this.#namespaceOf(action.target);
    const secret = backingSecretOf(this.#rig.recorder, namespace, action.target.name);
    return secret === undefined ? 'no Secret' : this.#secrets.perform(action, secret);
  }

  #originsOf(target: Target): Origins {
    const now = this.#rig.clocks.now();
    const secret = backingSecretOf(this.#rig.recorder, this.#namespaceOf(target), target.name);
    const record = secret && recordOf(secret);
    return { now, issued: record?.issuedAt ?? now, retired: record?.previous?.retiredAt ?? now };
  }

  #membersOf(replicas: Replicas | number): readonly Member[] {
    return this.#rig.members.filter((_, index) => replicas === 'both' || replicas === index);
  }

  #pathOf(target: Target, subresource?: string): string {
    return pathOf('application', this.#namespaceOf(target), target.name, subresource);
  }

  #namespaceOf({ namespace }: Target): string {
    return this.#rig.namespaces[namespace] ?? '';
  }
}
