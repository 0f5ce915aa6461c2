import type { TestProject } from 'vitest/node';
import { type KeycloakAddress, startKeycloak } from './server.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** The Keycloak that all tests of identity providers of a run share. */
    keycloak: KeycloakAddress;
  }
}

/** Starts the shared Keycloak. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const { address, stop } = await startKeycloak();
  project.provide('keycloak', address);
  return stop;
}
