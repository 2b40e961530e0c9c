import { DEFAULT_PROJECT_ID, resolveFlow } from '@causeway/contracts';
import type { FlowProblem, InputOf, ReplyOf } from '@causeway/contracts';
import { Handles, runService } from '@causeway/platform';
import { Controller, Module } from '@nestjs/common';
import { afterAll } from 'vitest';
import { testKeys } from '@causeway/platform/testing';

/** The answers of the registry for flows that differ from the default. */
export const flows = new Map<string, { problems?: FlowProblem[]; hasWebhook?: boolean; teamId?: string }>();

/** A registry in which every id names a flow of the team that asks. */
@Controller()
class Registry {
  @Handles(resolveFlow)
  resolve({ flow, ...tenant }: InputOf<typeof resolveFlow>): ReplyOf<typeof resolveFlow> {
    const { problems = [], hasWebhook = true, ...rest } = flows.get(flow) ?? {};
    return {
      ...tenant,
      ...rest,
      flowId: flow,
      name: `Flow ${flow}`,
      endpointName: null,
      projectId: DEFAULT_PROJECT_ID,
      release: { versions: [{ versionHash: 'v1', weight: 100, hasWebhook, problems }] },
    };
  }
}

@Module({ controllers: [Registry] })
class RegistryModule {}

/** Replaces the flow registry in a test. Call it at the top level of a file. */
export async function startRegistry(natsUrl: string): Promise<void> {
  const registry = await runService({
    name: 'flow-registry',
    settings: {},
    module: async () => RegistryModule,
    environment: { ...testKeys, CAUSEWAY_NATS_URL: natsUrl, CAUSEWAY_LOG_LEVEL: 'silent' },
    embedded: true,
  });
  afterAll(() => registry.drain('test over'));
}
