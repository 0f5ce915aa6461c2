import { annotations, GROUP, KIND } from '../../api/names.ts';
import type { SecretObject } from '../resources.ts';
import { parseState } from './state.ts';

/** What tells an application from another: its UID, or its name where the UID was lost. */
export interface Identity {
  readonly name: string;
  readonly uid: string;
  /** Kind and name of its identity provider, as {@link providerName} spells them. */
  readonly provider: string | undefined;
  /** It is gone, and with it which provider it had. */
  readonly isGone: boolean;
}

export type Ownership =
  | { readonly kind: 'ours' }
  /** It belongs to another application, by annotation or owner reference. */
  | { readonly kind: 'application'; readonly name: string }
  /** A former application of the same name owns it: garbage collection is about to remove it. */
  | { readonly kind: 'predecessor' }
  /** Another controller owns it. */
  | { readonly kind: 'controller'; readonly owner: string }
  /** It was this application's at another identity provider. */
  | { readonly kind: 'provider'; readonly provider: string | undefined }
  /** Nobody says that it is theirs. */
  | { readonly kind: 'unclaimed' };

/** Whose a Secret is: its controller's, else that of the application that its annotation names. */
export function ownershipOf(secret: SecretObject, identity: Identity): Ownership {
  const controller = secret.metadata.ownerReferences?.find((owner) => owner.controller === true);
  const named = secret.metadata.annotations?.[annotations.application];
  if (controller !== undefined) {
    if (controller.uid === identity.uid) return { kind: 'ours' };
    const ofOurKind = controller.kind === KIND && controller.apiVersion.startsWith(`${GROUP}/`);
    if (!ofOurKind) {
      return { kind: 'controller', owner: `${controller.kind} ${controller.name}` };
    }
    return controller.name === identity.name
      ? { kind: 'predecessor' }
      : { kind: 'application', name: controller.name };
  }
  if (named === undefined) return { kind: 'unclaimed' };
  if (named !== identity.name) return { kind: 'application', name: named };
  const state = parseState(secret.metadata.annotations?.[annotations.state] ?? '');
  return !identity.isGone && state !== undefined && state.provider !== identity.provider
    ? { kind: 'provider', provider: state.provider }
    : { kind: 'ours' };
}

export function providerName(ref: { kind: string; name: string } | undefined): string | undefined {
  return ref === undefined ? undefined : `${ref.kind}/${ref.name}`;
}

/** The names of the applications that a Secret may concern, by owner reference and annotation. */
export function applicationsOf(secret: SecretObject): string[] {
  const names = new Set<string>();
  const named = secret.metadata.annotations?.[annotations.application];
  if (named !== undefined) names.add(named);
  for (const owner of secret.metadata.ownerReferences ?? []) {
    if (owner.kind === KIND && owner.apiVersion.startsWith(`${GROUP}/`)) names.add(owner.name);
  }
  return [...names];
}
