import { causewayError } from '@causeway/contracts';
import type {
  FlowWebhook,
  InputOf,
  Permission,
  ReplyOf,
  deleteWebhook,
  findWebhook,
  getWebhook,
  setWebhook,
} from '@causeway/contracts';
import { newId } from '@causeway/platform';
import { Injectable } from '@nestjs/common';
import { type Actor, registryEvent } from '../domain/registry-event.js';
import { FlowStore, type PlacedFlow } from '../store/flow.store.js';
import { type HookRow, HookStore } from '../store/hook.store.js';
import { type Writes, tell } from '../store/tables.js';
import { authorizeOwner } from './authorize-actor.js';
import { Committing } from './committing.js';

/** The webhooks of flows. */
@Injectable()
export class Hooks {
  constructor(
    private readonly committing: Committing,
    private readonly flows: FlowStore,
    private readonly hooks: HookStore,
  ) {}

  /** Throws FLOW_UNKNOWN. */
  async get({ flowId, reach, ...tenant }: InputOf<typeof getWebhook>): Promise<FlowWebhook | null> {
    if (!(await this.flows.find(tenant, flowId, reach)))
      throw causewayError('FLOW_UNKNOWN', { flow: flowId });
    const row = await this.hooks.ofFlow(flowId);
    return row ? shownHook(row) : null;
  }

  /** Throws FLOW_UNKNOWN, PERMISSION_DENIED. */
  set(input: InputOf<typeof setWebhook>): Promise<FlowWebhook> {
    const { principal, flowId, webhookId: id, tokenHash, sealedSecret = null } = input;
    const { organisationId, teamId } = principal;
    return this.committing.commit(principal, async (writes) => {
      const flow = await this.flowOf(writes, input, flowId, ['flow:write', 'flow:run']);
      const before = await this.hooks.ofFlow(flowId, writes);
      if (before?.id === id) return shownHook(before);
      const row = { flowId, organisationId, teamId, id, tokenHash, sealedSecret, createdBy: principal.id };
      const made = shownHook(await this.hooks.put(writes, row));
      await this.tellChange(writes, input, flow, {
        webhook: before ? 'replaced' : 'made',
        isSigned: made.isSigned,
      });
      return made;
    });
  }

  /** Throws FLOW_UNKNOWN, PERMISSION_DENIED. */
  async delete(input: InputOf<typeof deleteWebhook>): Promise<void> {
    const { principal, flowId } = input;
    await this.committing.commit(principal, async (writes) => {
      const flow = await this.flowOf(writes, input, flowId, ['flow:write']);
      if (!(await this.hooks.ofFlow(flowId, writes))) return;
      await this.hooks.delete(writes, flowId);
      await this.tellChange(writes, input, flow, { webhook: 'ended' });
    });
  }

  find({ tokenHash }: InputOf<typeof findWebhook>): Promise<ReplyOf<typeof findWebhook>['webhook']> {
    return this.hooks.find(tokenHash);
  }

  private async flowOf(
    writes: Writes,
    actor: Actor,
    flowId: string,
    needed: readonly Permission[],
  ): Promise<PlacedFlow> {
    const [flow] = await this.flows.inTeam(writes, actor.principal, [flowId]);
    if (!flow) throw causewayError('FLOW_UNKNOWN', { flow: flowId });
    for (const permission of needed) authorizeOwner(actor, permission, flow);
    return flow;
  }

  private async tellChange(
    writes: Writes,
    actor: Actor,
    { id, name }: PlacedFlow,
    detail: Record<string, string | boolean>,
  ): Promise<void> {
    const deed = { action: 'flow.update', id, name, detail: { changed: ['webhook'], ...detail } };
    await tell(writes, [registryEvent(actor, deed, { id: newId(), at: new Date() })]);
  }
}

function shownHook({ id, sealedSecret, createdAt }: HookRow): FlowWebhook {
  return { id, isSigned: sealedSecret !== null, createdAt: createdAt.toISOString() };
}
