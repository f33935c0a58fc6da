import { env } from 'node:process';
import { defineConfig } from 'vitest/config';

/** Apart from the other tests: these start an engine, take minutes, and need root and Debian's packages. */
export default defineConfig({
  test: {
    include: ['test/containers/*.test.ts'],
    globalSetup: 'test/containers/global-setup.ts',
    fileParallelism: false,
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // The engine ends, and its folder is removed.
    teardownTimeout: 60_000,
    reporters: env.VITEST_JSON ? ['default', ['json', { outputFile: env.VITEST_JSON }]] : ['default'],
  },
});
