import type { Application } from '../application.ts';

/** The application as `kubectl get` prints it: without who wrote what. */
export function withoutManagedFields({ metadata, ...application }: Application) {
  const { apiVersion, kind, spec, status } = application;
  const { managedFields: _, ...rest } = metadata;
  return { apiVersion, kind, metadata: rest, spec, status };
}
