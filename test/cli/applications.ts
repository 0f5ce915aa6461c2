import type { Condition, OIDCApplicationSpec } from '../../src/api/oidcapplication.gen.ts';
import type { Application } from '../../src/cli/application.ts';
import type { ManagedFieldsEntry } from '../../src/kubernetes/resource.ts';

export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** The frozen time of the table tests. */
export const NOW = Date.UTC(2026, 5, 1, 12);

/** A time as status and spec spell it, `ms` after the frozen one. */
export function at(ms = 0): string {
  return new Date(NOW + ms).toISOString();
}

/** Version 2, issued an hour ago; version 1 was replaced then and stays valid for a day. */
export const RETAINED: Application['status'] = {
  observedGeneration: 3,
  clientID: 'web-shop',
  secretName: 'web',
  currentSecret: { version: 2, issuedAt: at(-HOUR) },
  previousSecret: {
    version: 1,
    issuedAt: at(-10 * DAY),
    retiredAt: at(-HOUR),
    expiresAt: at(23 * HOUR),
  },
  conditions: [
    condition('Ready', 'True', 'Published', 'Client secret version 2 is published in Secret web.'),
    condition('PreviousSecretRetained', 'True', 'Retained', 'Client secret version 1 stays valid.'),
  ],
};

const { previousSecret: _, ...withoutPrevious } = RETAINED;

/** Version 2, issued an hour ago, and no previous one. */
export const ALONE: Application['status'] = {
  ...withoutPrevious,
  conditions: [
    condition('Ready', 'True', 'Published', 'Client secret version 2 is published in Secret web.'),
    condition('PreviousSecretRetained', 'False', 'Expired', 'Client secret version 1 expired.'),
  ],
};

export function condition(
  type: string,
  status: Condition['status'],
  reason: string,
  message = `because of ${reason}`,
): Condition {
  return { type, status, reason, message, lastTransitionTime: at(-HOUR), observedGeneration: 3 };
}

/** `status` with one condition in the place of that of its type, or beside the others. */
export function withCondition(
  status: Application['status'],
  added: Condition,
): Application['status'] {
  const others = (status.conditions ?? []).filter(({ type }) => type !== added.type);
  return { ...status, conditions: [...others, added] };
}

export function application(
  status: Application['status'] = ALONE,
  spec: OIDCApplicationSpec = {},
  metadata: Partial<Application['metadata']> = {},
): Application {
  return {
    apiVersion: 'keyturn.dev/v1alpha1',
    kind: 'OIDCApplication',
    metadata: {
      name: 'web',
      namespace: 'shop',
      uid: '6f1c2b1e-0c5e-4b57-9a43-0d6f6d9c1a11',
      resourceVersion: '42',
      generation: 3,
      ...metadata,
    },
    spec,
    status,
  };
}

/** What the API server keeps of who wrote the fields of spec at `paths`. */
export function managed(
  manager: string,
  operation: 'Apply' | 'Update',
  ...paths: readonly string[]
): ManagedFieldsEntry {
  const fields: Record<string, Record<string, object>> = {};
  for (const path of paths) {
    const [first = '', second] = path.split('.');
    const inner = fields[`f:${first}`] ?? {};
    fields[`f:${first}`] = second === undefined ? inner : { ...inner, [`f:${second}`]: {} };
  }
  return { manager, operation, fieldsType: 'FieldsV1', fieldsV1: { 'f:spec': fields } };
}
