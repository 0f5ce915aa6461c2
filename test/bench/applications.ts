import { API_VERSION, KIND } from '../../src/api/names.ts';
import type { OIDCApplicationSpec } from '../../src/api/oidcapplication.gen.ts';
import type { Target } from './tracker.ts';

export interface ApplicationRef {
  readonly namespace: string;
  readonly name: string;
}

const NAME_DIGITS = 6;

export function namespaceName(index: number): string {
  return `bench-${index}`;
}

/** Names `count` applications, as many in each namespace, in the order of a list. */
export function applicationRefs(count: number, namespaces: number): ApplicationRef[] {
  return Array.from({ length: count }, (_, index) => ({
    namespace: namespaceName(Math.floor((index * namespaces) / count)),
    name: `app-${String(index).padStart(NAME_DIGITS, '0')}`,
  }));
}

/** `count` of the items, evenly spread; all where there are no more. */
export function spread<T>(items: readonly T[], count: number): T[] {
  const step = Math.max(1, items.length / count);
  return items.filter((_, index) => Math.floor(index / step) !== Math.floor((index - 1) / step));
}

/** A new application with all defaults. */
export function newApplication(ref: ApplicationRef) {
  return { apiVersion: API_VERSION, kind: KIND, metadata: { ...ref }, spec: {} };
}

/** The change of spec that asks for a rotation now. */
export function rotateNow(retainPreviousFor = '24h'): OIDCApplicationSpec {
  const rotateAfter = new Date().toISOString();
  return { revokePreviousSecret: false, rotation: { rotateAfter, retainPreviousFor } };
}

/** The change of spec that asks for the previous secret to end. */
export const revokePrevious: OIDCApplicationSpec = { revokePreviousSecret: true };

/** Version `version` is published. */
export function published(version: number): Target {
  return {
    secret: (secret) => secret.version === version,
    status: (application) =>
      application.isObserved && application.isReady && application.version === version,
  };
}

/** No previous secret is valid. */
export const previousEnded: Target = {
  secret: (secret) => !secret.hasPrevious,
  status: (application) => application.isObserved && application.retainsPrevious === false,
};
