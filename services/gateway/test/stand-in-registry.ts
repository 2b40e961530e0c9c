import {
  DEFAULT_ORGANISATION_ID,
  DEFAULT_PROJECT_ID,
  DEFAULT_TEAM_ID,
  createFlow,
  createFlows,
  getFlow,
  importFlows,
  listFlows,
  updateFlow,
} from '@causeway/contracts';
import type { Flow, InputOf, Payload, ReplyOf } from '@causeway/contracts';
import { Handles, inlineText, runService } from '@causeway/platform';
import { Controller, Module } from '@nestjs/common';
import { afterAll } from 'vitest';

const tenant = { organisationId: DEFAULT_ORGANISATION_ID, teamId: DEFAULT_TEAM_ID };

/** The n-th flow, without a graph. */
export function flowOf(n: number): Flow {
  const id = `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
  const texts = { description: null, icon: null, iconBgColor: null, gradient: null, endpointName: null };
  const flags = { isComponent: false, webhook: false, locked: false, mcpEnabled: false };
  const rest = { tags: null, actionName: null, actionDescription: null, accessType: 'PRIVATE' as const };
  const made = { userId: 'u', versionHash: 'v', updatedAt: '2026-01-01T00:00:00.000Z', problems: [] };
  return {
    id,
    name: `Flow ${n}`,
    projectId: DEFAULT_PROJECT_ID,
    ...tenant,
    ...texts,
    ...flags,
    ...rest,
    ...made,
  };
}

/** Keeps the last graph that it received, whatever it is, and returns it. */
@Controller()
class Registry {
  private data: Payload = { inline: '{"nodes":[],"edges":[]}' };

  @Handles(createFlow)
  create({ data }: InputOf<typeof createFlow>): Flow {
    this.data = data;
    return this.flow();
  }

  @Handles(createFlows)
  createSeveral(): ReplyOf<typeof createFlows> {
    return { flowIds: [this.flow().id] };
  }

  @Handles(updateFlow)
  update({ data }: InputOf<typeof updateFlow>): Flow {
    if (data) this.data = data;
    return this.flow();
  }

  @Handles(importFlows)
  import({ file }: InputOf<typeof importFlows>): ReplyOf<typeof importFlows> {
    this.data = { inline: Buffer.from(inlineText(file), 'base64').toString() };
    return { flows: [this.flow()] };
  }

  @Handles(getFlow)
  get(): Flow {
    return this.flow();
  }

  @Handles(listFlows)
  list({ withData }: InputOf<typeof listFlows>): ReplyOf<typeof listFlows> {
    return { items: [withData ? this.flow() : flowOf(0)], total: 1 };
  }

  private flow(): Flow {
    return { ...flowOf(0), data: this.data };
  }
}

@Module({ controllers: [Registry] })
class RegistryModule {}

/** Starts a registry that accepts everything. Call it at a file's top level. */
export async function startRegistry(environment: Record<string, string>): Promise<void> {
  const registry = await runService({
    settings: {},
    embedded: true,
    version: '0',
    name: 'flow-registry',
    environment: { ...environment, CAUSEWAY_LOG_LEVEL: 'silent' },
    module: async () => RegistryModule,
  });
  afterAll(() => registry.drain('test is over'));
}
