import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const root = fileURLToPath(new URL('..', import.meta.url));

export default defineConfig({
  root,
  test: {
    include: ['test/**/*.test.ts'],
    // Torn down in the opposite order: the servers stop before their directories go.
    globalSetup: ['test/support/sandbox.ts', 'test/support/global-setup.ts'],
    pool: 'forks',
    // Real servers are the slow part: more files at once than cores only makes elections time out.
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 120_000,
    disableConsoleIntercept: true,
    // A snapshot is a contract: it changes by a deliberate `-u`, never on the way.
    update: false,
    env: {
      TZ: 'UTC',
      LANG: 'C.UTF-8',
      LC_ALL: 'C.UTF-8',
      NO_COLOR: '1',
      // Under `test` oclif looks for TypeScript sources; users run the build.
      NODE_ENV: 'production',
    },
    coverage: { provider: 'v8', include: ['src/**', 'commands/**'], reporter: ['text-summary'] },
  },
});
