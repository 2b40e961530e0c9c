import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Vitest begins with the largest files. This one is small and takes minutes: begun last, it would run when everything else is over. */
const FIRST = /faults\.e2e\.test\.ts$/;

class SlowFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    return sorted.toSorted((a, b) => Number(FIRST.test(b.moduleId)) - Number(FIRST.test(a.moduleId)));
  }
}

export default defineConfig({
  test: {
    include: ['**/*.test.ts'],
    exclude: ['**/node_modules/**', '**/dist/**'],
    globalSetup: ['libs/testing/src/global-setup.ts'],
    // Two cores are what this has to run on; servers take their share of them too.
    maxWorkers: 2,
    sequence: { sequencer: SlowFirst },
    // Far beyond what tests need: they have to pass on a machine that is busy with other work too.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    expect: { requireAssertions: true, poll: { timeout: 60_000 } },
  },
  // As tsc emits them: Nest injects by the types of constructor parameters.
  oxc: { decorator: { legacy: true, emitDecoratorMetadata: true } },
});
