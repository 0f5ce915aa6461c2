import { annotations, GROUP, KIND, PLURAL, VERSION } from '../../src/api/names.ts';
import { arrayAt, numberAt, objectAt, stringAt } from '../../src/kubernetes/json.ts';
import type { KubernetesObject, ObjectMeta, Resource } from '../../src/kubernetes/resource.ts';

/** What the measurements need of a backing Secret; no value of it is kept. */
export interface ObservedSecret extends KubernetesObject {
  readonly version: number;
  readonly hasPrevious: boolean;
  /** Epoch milliseconds. */
  readonly previousExpiresAt: number | undefined;
}

/** What the measurements need of an application. */
export interface ObservedApplication extends KubernetesObject {
  /** Status tells of the newest spec. */
  readonly isObserved: boolean;
  readonly isReady: boolean;
  readonly version: number | undefined;
  readonly retainsPrevious: boolean | undefined;
}

const PREVIOUS_KEY = 'previous-client-secret';

export const secretResource: Resource<ObservedSecret> = {
  group: '',
  version: 'v1',
  plural: 'secrets',
  kind: 'Secret',
  namespaced: true,
  parse(raw) {
    const notes = objectAt(objectAt(raw, 'metadata'), 'annotations');
    const expiresAt = stringAt(notes, annotations.previousExpiresAt);
    return {
      metadata: identityOf(raw),
      version: Number(stringAt(notes, annotations.secretVersion)),
      hasPrevious: stringAt(objectAt(raw, 'data'), PREVIOUS_KEY) !== undefined,
      previousExpiresAt: expiresAt === undefined ? undefined : Date.parse(expiresAt),
    };
  },
};

export const applicationResource: Resource<ObservedApplication> = {
  group: GROUP,
  version: VERSION,
  plural: PLURAL,
  kind: KIND,
  namespaced: true,
  parse(raw) {
    const status = objectAt(raw, 'status');
    const generation = numberAt(objectAt(raw, 'metadata'), 'generation');
    const retained = conditionOf(status, 'PreviousSecretRetained');
    return {
      metadata: identityOf(raw),
      isObserved: numberAt(status, 'observedGeneration') === generation,
      isReady: conditionOf(status, 'Ready') === 'True',
      version: numberAt(objectAt(status, 'currentSecret'), 'version'),
      retainsPrevious: retained === undefined ? undefined : retained === 'True',
    };
  },
};

function conditionOf(status: unknown, type: string): string | undefined {
  const condition = arrayAt(status, 'conditions').find((each) => stringAt(each, 'type') === type);
  return stringAt(condition, 'status');
}

function identityOf(raw: unknown): ObjectMeta {
  const metadata = objectAt(raw, 'metadata');
  return {
    namespace: stringAt(metadata, 'namespace') ?? '',
    name: stringAt(metadata, 'name') ?? '',
    uid: stringAt(metadata, 'uid') ?? '',
    resourceVersion: stringAt(metadata, 'resourceVersion') ?? '',
  };
}
