import { Bus, runService, type RunningService } from '#platform';
import { Module } from '@nestjs/common';

@Module({})
class NothingModule {}

/** A bus as any service has it, in the test's own process. */
export async function startBus(
  natsUrl: string,
  more: Record<string, string> = {},
): Promise<{ bus: Bus; service: RunningService }> {
  const service = await runService({
    name: 'tester',
    settings: {},
    module: async () => NothingModule,
    environment: { CAUSEWAY_NATS_URL: natsUrl, CAUSEWAY_LOG_LEVEL: 'silent', ...more },
    embedded: true,
  });
  return { bus: service.get(Bus), service };
}
