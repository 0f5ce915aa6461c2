import { API_VERSION, GROUP, KIND, PLURAL, VERSION } from '../api/names.ts';
import type { OIDCApplicationSpec, OIDCApplicationStatus } from '../api/oidcapplication.gen.ts';
import { isJsonObject } from '../kubernetes/json.ts';
import type { ObjectMeta, Resource } from '../kubernetes/resource.ts';

/** An OIDCApplication as the API server has it, with who wrote which of its fields. */
export interface Application {
  readonly apiVersion: typeof API_VERSION;
  readonly kind: typeof KIND;
  readonly metadata: ObjectMeta & {
    readonly namespace: string;
    readonly uid: string;
    readonly resourceVersion: string;
    readonly generation: number;
  };
  readonly spec: OIDCApplicationSpec;
  readonly status: OIDCApplicationStatus;
}

export const applicationResource: Resource<Application> = {
  group: GROUP,
  version: VERSION,
  plural: PLURAL,
  kind: KIND,
  namespaced: true,
  parse(raw) {
    const { metadata, spec, status } = isJsonObject(raw) ? raw : {};
    if (!isStored(metadata)) throw new TypeError('the API server sent no OIDCApplication');
    return {
      apiVersion: API_VERSION,
      kind: KIND,
      metadata,
      spec: isJsonObject(spec) ? spec : {},
      status: isJsonObject(status) ? status : {},
    };
  },
};

function isStored(metadata: unknown): metadata is Application['metadata'] {
  return (
    isJsonObject(metadata) &&
    ['name', 'namespace', 'uid', 'resourceVersion'].every(
      (key) => typeof metadata[key] === 'string',
    ) &&
    typeof metadata['generation'] === 'number'
  );
}

/** Whether status is about the newest spec. */
export function isObserved({ metadata, status }: Application): boolean {
  return status.observedGeneration === metadata.generation;
}

/** Whether the operator has told anything; it has not where status was lost, as in a restore. */
export function hasStatus({ status: { observedGeneration = -1 } }: Application): boolean {
  return observedGeneration >= 0;
}
