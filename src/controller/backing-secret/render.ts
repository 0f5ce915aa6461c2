import type { ApplicationSpec, SecretKeys } from '../../api/application.ts';
import { API_VERSION, annotations, KIND, labels, labelValue, MANAGED_BY } from '../../api/names.ts';
import { SecretValue } from '../../api/secret-value.ts';
import type { OwnerReference } from '../../kubernetes/resource.ts';
import type { SecretRecord } from '../../rotation/record.ts';
import type { SecretObject } from '../resources.ts';
import { type Identity, providerName } from './ownership.ts';
import { recordAnnotations } from './read.ts';
import { type Digests, formatState, type SecretState } from './state.ts';
import { particularsOf } from './state-parts.ts';

/** What a backing Secret must hold of ours; null where something must not be there. */
export interface Rendered {
  readonly labels: Readonly<Record<string, string | null>>;
  readonly annotations: Readonly<Record<string, string | null>>;
  readonly data: Readonly<Record<string, SecretValue | null>>;
  /** Undefined: as they are. */
  readonly ownerReferences: readonly OwnerReference[] | undefined;
}

export interface Values {
  readonly current: SecretValue | undefined;
  readonly previous: SecretValue | undefined;
}

export interface Content {
  readonly record: SecretRecord;
  readonly digests: Digests;
  readonly values: Values;
  /** Whether the current value is another one than was published. */
  readonly isReplaced: boolean;
}

export interface RenderOptions {
  readonly owners: readonly OwnerReference[];
  readonly movedFrom: string | undefined;
  /** What is behind the provider; undefined where there is none, or it is not known now. */
  readonly backend: string | undefined;
  readonly issuer: SecretValue | undefined;
}

/** The Secret as spec and the record want it, `former` being what was published before. */
export function renderPublished(
  identity: Identity,
  spec: ApplicationSpec,
  content: Content,
  former: SecretState | undefined,
  keys: SecretKeys,
  options: RenderOptions,
): Rendered {
  const state: SecretState = {
    keys,
    labels: Object.keys(spec.labels).sort(),
    annotations: Object.keys(spec.annotations).sort(),
    digests: content.digests,
    lastRevocation: content.record.lastRevocation,
    refused: content.record.refused,
    restorations: content.record.restorations,
    intent: content.record.intent,
    particulars: particularsOf(content.record.previous),
    provider: providerName(spec.providerRef),
    backend: former?.backend ?? options.backend,
    clientID: spec.providerRef && spec.clientID,
    movedFrom: options.movedFrom,
  };
  return {
    labels: {
      ...removed(former?.labels),
      ...spec.labels,
      [labels.managedBy]: MANAGED_BY,
      [labels.application]: labelValue(identity.name),
    },
    annotations: {
      ...removed(former?.annotations),
      ...spec.annotations,
      [annotations.application]: identity.name,
      ...recordAnnotations(content.record),
      [annotations.state]: formatState(state),
    },
    data: {
      ...removed(keyNames(former?.keys)),
      ...(keys.issuer !== undefined && { [keys.issuer]: options.issuer ?? null }),
      [keys.clientID]: SecretValue.fromText(spec.clientID),
      [keys.clientSecret]: content.values.current ?? null,
      [keys.previousClientSecret]: content.values.previous ?? null,
    },
    ownerReferences: ownersFor(identity, spec, options.owners),
  };
}

/** The Secret with what changed of its secrets alone: nothing else of it is put right. */
export function renderFrozen(content: Content, former: SecretState): Rendered {
  const state: SecretState = {
    ...former,
    digests: content.digests,
    lastRevocation: content.record.lastRevocation,
    refused: content.record.refused,
    restorations: content.record.restorations,
    intent: content.record.intent,
    particulars: particularsOf(content.record.previous),
  };
  return {
    labels: {},
    annotations: {
      ...recordAnnotations(content.record),
      [annotations.state]: formatState(state),
    },
    data: {
      ...(content.isReplaced && { [former.keys.clientSecret]: content.values.current ?? null }),
      [former.keys.previousClientSecret]: content.values.previous ?? null,
    },
    ownerReferences: undefined,
  };
}

/** The names of the keys that are in use. */
export function keyNames(keys: SecretKeys | undefined): string[] {
  return Object.values(keys ?? {}).filter((name) => name !== undefined);
}

function removed(names: readonly string[] | undefined): Record<string, null> {
  return Object.fromEntries((names ?? []).map((name) => [name, null]));
}

/** `Delete` makes the application the owner, `Retain` takes that away; other owners stay. */
function ownersFor(
  identity: Identity,
  spec: ApplicationSpec,
  present: readonly OwnerReference[],
): readonly OwnerReference[] {
  const others = present.filter((owner) => owner.uid !== identity.uid);
  if (spec.deletionPolicy === 'Retain') return others;
  const ours = present.find((owner) => owner.uid === identity.uid && owner.controller === true);
  return [
    ...others,
    ours ?? {
      apiVersion: API_VERSION,
      kind: KIND,
      name: identity.name,
      uid: identity.uid,
      controller: true,
    },
  ];
}

interface MergePatch {
  readonly metadata: Record<string, unknown>;
  readonly data?: Record<string, string | null>;
}

export interface Difference {
  /** What differs, in words that contain no value of a Secret. */
  readonly words: readonly string[];
  /** Only what differs, as a JSON merge patch that holds for the observed version alone. */
  readonly patch: MergePatch;
}

/** What must change in `secret` so that it holds what was rendered. */
export function difference(secret: SecretObject, rendered: Rendered): Difference {
  const { metadata } = secret;
  const changedLabels = changes(metadata.labels, rendered.labels, sameText);
  const changedNotes = changes(metadata.annotations, rendered.annotations, sameText);
  const changedData = changes(secret.data, rendered.data, (a, b) => a.equals(b));
  const { ownerReferences } = rendered;
  const ownersDiffer =
    ownerReferences !== undefined &&
    JSON.stringify(metadata.ownerReferences ?? []) !== JSON.stringify(ownerReferences);
  return {
    words: [
      ...Object.keys(changedLabels).map((name) => `label ${name}`),
      ...Object.keys(changedNotes).map((name) => `annotation ${name}`),
      ...Object.keys(changedData).map((name) => `key ${name}`),
      ...(ownersDiffer ? ['owner reference'] : []),
    ],
    patch: {
      metadata: {
        uid: metadata.uid,
        resourceVersion: metadata.resourceVersion,
        ...(isEmpty(changedLabels) ? {} : { labels: changedLabels }),
        ...(isEmpty(changedNotes) ? {} : { annotations: changedNotes }),
        ...(ownersDiffer ? { ownerReferences } : {}),
      },
      ...(isEmpty(changedData) ? {} : { data: revealed(changedData) }),
    },
  };
}

/** A new Secret that holds what was rendered. */
export function manifest(ref: { namespace: string; name: string }, rendered: Rendered) {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    type: 'Opaque',
    metadata: {
      ...ref,
      labels: present(rendered.labels),
      annotations: present(rendered.annotations),
      ownerReferences: rendered.ownerReferences ?? [],
    },
    data: revealed(present(rendered.data)),
  };
}

/** What takes everything of ours out of a Secret that holds other data too. */
export function renderWithdrawn(state: SecretState): Rendered {
  return {
    labels: removed([labels.managedBy, labels.application, ...state.labels]),
    annotations: removed([...Object.values(annotations), ...state.annotations]),
    data: removed(keyNames(state.keys)),
    ownerReferences: undefined,
  };
}

function changes<T>(
  observed: Readonly<Record<string, T>> = {},
  wanted: Readonly<Record<string, T | null>>,
  same: (a: T, b: T) => boolean,
): Record<string, T | null> {
  return Object.fromEntries(
    Object.entries(wanted).filter(([name, want]) => {
      const have = Object.hasOwn(observed, name) ? observed[name] : undefined;
      return want === null ? have !== undefined : have === undefined || !same(have, want);
    }),
  );
}

function sameText(a: string, b: string): boolean {
  return a === b;
}

function isEmpty(record: object): boolean {
  return Object.keys(record).length === 0;
}

function present<T>(wanted: Readonly<Record<string, T | null>>): Record<string, T> {
  return Object.fromEntries(
    Object.entries(wanted).flatMap(([name, value]) => (value === null ? [] : [[name, value]])),
  );
}

function revealed(
  data: Readonly<Record<string, SecretValue | null>>,
): Record<string, string | null> {
  return Object.fromEntries(
    Object.entries(data).map(([key, value]) => [key, value === null ? null : value.reveal()]),
  );
}
