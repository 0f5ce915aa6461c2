import { arrayAt, flagAt, isObject, numberAt, objectAt, textAt, textsAt } from './json.ts';
import type { ApplicationState, Boundary, SecretState, Spec, Status, Token } from './observed.ts';
import { durationOf, momentOf } from './times.ts';

/** Reads a Secret; `tokenOf` names a value, given in base64, under its key. */
export function secretOf(
  raw: unknown,
  tokenOf: (key: string, base64: string) => Token,
): SecretState {
  const metadata = objectAt(raw, 'metadata');
  const data = Object.entries(textsAt(raw, 'data'));
  return {
    ...identityOf(metadata),
    resourceVersion: textAt(metadata, 'resourceVersion') ?? '',
    labels: textsAt(metadata, 'labels'),
    annotations: textsAt(metadata, 'annotations'),
    data: Object.fromEntries(data.map(([key, base64]) => [key, tokenOf(key, base64)])),
    owners: arrayAt(metadata, 'ownerReferences').map((owner) => ({
      kind: textAt(owner, 'kind') ?? '',
      name: textAt(owner, 'name') ?? '',
      uid: textAt(owner, 'uid') ?? '',
      controller: flagAt(owner, 'controller'),
    })),
    immutable: flagAt(raw, 'immutable'),
    deleting: textAt(metadata, 'deletionTimestamp') !== undefined,
  };
}

export function applicationOf(raw: unknown): ApplicationState {
  const metadata = objectAt(raw, 'metadata');
  const identity = identityOf(metadata);
  const status = objectAt(raw, 'status');
  return {
    ...identity,
    generation: numberAt(metadata, 'generation') ?? 0,
    deleting: textAt(metadata, 'deletionTimestamp') !== undefined,
    spec: specOf(identity.name, objectAt(raw, 'spec')),
    status: status === undefined ? undefined : statusOf(status),
  };
}

function identityOf(metadata: unknown): { namespace: string; name: string; uid: string } {
  return {
    namespace: textAt(metadata, 'namespace') ?? '',
    name: textAt(metadata, 'name') ?? '',
    uid: textAt(metadata, 'uid') ?? '',
  };
}

function specOf(name: string, spec: unknown): Spec {
  const secret = objectAt(spec, 'secret');
  const keys = objectAt(secret, 'keys');
  const rotation = objectAt(spec, 'rotation');
  const rotateAfter = textAt(rotation, 'rotateAfter');
  const every = textAt(rotation, 'every');
  return {
    secretName: textAt(secret, 'name') ?? name,
    keys: {
      clientID: textAt(keys, 'clientID') ?? 'client-id',
      clientSecret: textAt(keys, 'clientSecret') ?? 'client-secret',
      previousClientSecret: textAt(keys, 'previousClientSecret') ?? 'previous-client-secret',
    },
    labels: textsAt(secret, 'labels'),
    annotations: textsAt(secret, 'annotations'),
    rotateAfter: rotateAfter === undefined ? undefined : momentOf(rotateAfter),
    every: every === undefined ? undefined : durationOf(every),
    retainPreviousFor: durationOf(textAt(rotation, 'retainPreviousFor') ?? '24h'),
    revokePreviousSecret: flagAt(spec, 'revokePreviousSecret'),
    revokeRetiredBefore: boundaryAt(spec, 'revokeRetiredBefore'),
    revokeIssuedBefore: boundaryAt(spec, 'revokeIssuedBefore'),
    suspend: flagAt(spec, 'suspend'),
    deletionPolicy: textAt(spec, 'deletionPolicy') ?? 'Retain',
  };
}

function boundaryAt(spec: unknown, field: string): Boundary | undefined {
  const text = textAt(spec, field);
  return text === undefined ? undefined : { text, time: momentOf(text) };
}

function statusOf(status: unknown): Status {
  const time = (from: unknown, key: string) => momentOf(textAt(from, key) ?? '');
  const version = (from: unknown) => numberAt(from, 'version') ?? 0;
  const current = objectAt(status, 'currentSecret');
  const previous = objectAt(status, 'previousSecret');
  const revocation = objectAt(status, 'lastRevocation');
  const next = textAt(status, 'nextRotationTime');
  return {
    observedGeneration: numberAt(status, 'observedGeneration'),
    clientID: textAt(status, 'clientID'),
    secretName: textAt(status, 'secretName'),
    current: current && { version: version(current), issuedAt: time(current, 'issuedAt') },
    previous: previous && {
      version: version(previous),
      issuedAt: time(previous, 'issuedAt'),
      retiredAt: time(previous, 'retiredAt'),
      expiresAt: time(previous, 'expiresAt'),
    },
    lastRevocation: revocation && {
      version: version(revocation),
      time: time(revocation, 'time'),
      reason: textAt(revocation, 'reason') ?? '',
    },
    nextRotationTime: next === undefined ? undefined : momentOf(next),
    conditions: arrayAt(status, 'conditions')
      .filter(isObject)
      .map((condition) => ({
        type: textAt(condition, 'type') ?? '',
        status: textAt(condition, 'status') ?? '',
        reason: textAt(condition, 'reason') ?? '',
        observedGeneration: numberAt(condition, 'observedGeneration'),
      })),
  };
}
