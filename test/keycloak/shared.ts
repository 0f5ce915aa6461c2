import { inject } from 'vitest';
import { KeycloakAdmin } from './admin.ts';

/** The Keycloak that all tests of identity providers of a run share: make realms of your own. */
export const keycloak = new KeycloakAdmin(inject('keycloak'));
