import { Bus, runService, type RunningService } from '#platform';
import { Module } from '@nestjs/common';
import { testCaller, testKeys } from '#testing';

@Module({})
class NothingModule {}

/** Starts a bus in the test's own process, as any service has it. */
export async function startBus(
  natsUrl: string,
  more: Record<string, string> = {},
): Promise<{ bus: Bus; service: RunningService }> {
  const service = await runService({
    name: 'tester',
    settings: {},
    module: async () => NothingModule,
    environment: { ...testKeys, CAUSEWAY_NATS_URL: natsUrl, CAUSEWAY_LOG_LEVEL: 'silent', ...more },
    embedded: true,
    callerOf: testCaller,
  });
  return { bus: service.get(Bus), service };
}
