import type { ReplyOf, findWebhook } from '@causeway/contracts';
import { dataKeyOf } from '@causeway/platform';
import { Injectable } from '@nestjs/common';
import type { FlowHook } from './generated/client.js';
import { Tables, type Writes } from './tables.js';

/** A webhook without its token's hash. */
export type HookRow = Pick<FlowHook, 'id' | 'sealedSecret' | 'createdAt'>;

const shown = { id: true, sealedSecret: true, createdAt: true } as const;

/** The table of the webhooks of flows. */
@Injectable()
export class HookStore {
  constructor(private readonly tables: Tables) {}

  /** The webhook of a flow. */
  async ofFlow(
    flowId: string,
    writes: Pick<Writes, 'flowHook'> = this.tables.reads,
  ): Promise<HookRow | undefined> {
    return (await writes.flowHook.findUnique({ where: { flowId }, select: shown })) ?? undefined;
  }

  /** The webhook with this address, unless its flow is deleted. */
  async find(tokenHash: string): Promise<ReplyOf<typeof findWebhook>['webhook']> {
    const row = await this.tables.reads.flowHook.findFirst({
      where: { tokenHash, flow: { deletedAt: null } },
      include: { flow: { select: { name: true } } },
    });
    if (!row) return null;
    const { id, flowId, organisationId, teamId, sealedSecret, flow } = row;
    return { id, flowId, organisationId, teamId, sealedSecret, flowName: flow.name };
  }

  /** Replaces the webhook of a flow. */
  async put(writes: Writes, hook: Omit<FlowHook, 'createdAt' | 'dataKeyId'>): Promise<HookRow> {
    const row = { ...hook, dataKeyId: hook.sealedSecret === null ? null : dataKeyOf(hook.sealedSecret) };
    const { flowId, ...values } = row;
    return writes.flowHook.upsert({
      where: { flowId },
      create: row,
      update: { ...values, createdAt: new Date() },
      select: shown,
    });
  }

  async delete(writes: Writes, flowId: string): Promise<void> {
    await writes.flowHook.deleteMany({ where: { flowId } });
  }
}
