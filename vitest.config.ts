import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    maxWorkers: 2,
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: [
            'test/**/*.cluster.test.ts',
            'test/**/*.namespaced.test.ts',
            'test/**/*.provider.test.ts',
            'test/**/*.tool.test.ts',
          ],
        },
      },
      {
        extends: true,
        test: {
          name: 'cluster',
          include: ['test/**/*.cluster.test.ts'],
          globalSetup: 'test/setup/shared-control-plane.ts',
        },
      },
      {
        extends: true,
        test: {
          // The functional suite with rights in chosen namespaces, not in the whole cluster.
          name: 'namespaced',
          include: ['test/controller/*.cluster.test.ts', 'test/**/*.namespaced.test.ts'],
          globalSetup: 'test/setup/namespaced-control-plane.ts',
        },
      },
      {
        extends: true,
        test: {
          name: 'tools',
          include: ['test/**/*.tool.test.ts'],
          globalSetup: 'test/setup/shared-control-plane.ts',
        },
      },
      {
        extends: true,
        test: {
          name: 'providers',
          include: ['test/**/*.provider.test.ts'],
          globalSetup: ['test/keycloak/global-setup.ts', 'test/setup/shared-control-plane.ts'],
        },
      },
    ],
    setupFiles: 'test/setup/equality.ts',
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
