import { env } from 'node:process';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['packages/*/test/**/*.test.ts', 'test/**/*.test.ts'],
    exclude: ['**/node_modules/**', 'test/containers/*.test.ts'],
    testTimeout: 20_000,
    hookTimeout: 20_000,
    reporters: env.VITEST_JSON ? ['default', ['json', { outputFile: env.VITEST_JSON }]] : ['default'],
  },
});
