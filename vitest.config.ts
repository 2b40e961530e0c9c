import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['**/*.test.ts'],
    exclude: ['**/node_modules/**', '**/dist/**'],
    globalSetup: ['libs/testing/src/global-setup.ts'],
    // Two cores are what this has to run on; servers take their share of them too.
    maxWorkers: 2,
    testTimeout: 20_000,
    hookTimeout: 60_000,
    expect: { requireAssertions: true },
  },
  // As tsc emits them: Nest injects by the types of constructor parameters.
  oxc: { decorator: { legacy: true, emitDecoratorMetadata: true } },
});
