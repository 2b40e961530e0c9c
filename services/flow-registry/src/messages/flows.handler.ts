import {
  createFlow,
  createFlows,
  deleteFlows,
  getFlow,
  getFlowSource,
  importFlows,
  listFlows,
  updateFlow,
} from '@causeway/contracts';
import type { InputOf, ReplyOf } from '@causeway/contracts';
import { Handles } from '@causeway/platform';
import { Controller } from '@nestjs/common';
import { Deleting } from '../changes/deleting.js';
import { FlowPages } from '../answers/flow-pages.js';
import { Flows } from '../changes/flows.js';
import { Importing } from '../changes/importing.js';
import { TakingSource } from '../changes/taking-source.js';

/** Requests about flows. */
@Controller()
export class FlowsHandler {
  constructor(
    private readonly flows: Flows,
    private readonly importing: Importing,
    private readonly pages: FlowPages,
    private readonly deleting: Deleting,
    private readonly taking: TakingSource,
  ) {}

  /** Idempotent with an id; without one the same request twice makes two flows. */
  @Handles(createFlow)
  create(input: InputOf<typeof createFlow>): Promise<ReplyOf<typeof createFlow>> {
    return this.flows.create(input);
  }

  /** Creates all or none. Not idempotent: the same request twice makes twice as many. */
  @Handles(createFlows)
  async createSeveral(input: InputOf<typeof createFlows>): Promise<ReplyOf<typeof createFlows>> {
    return { flowIds: await this.flows.createSeveral(input) };
  }

  /** Idempotent for flows with ids, by id and bytes. */
  @Handles(importFlows)
  import(input: InputOf<typeof importFlows>): Promise<ReplyOf<typeof importFlows>> {
    return this.importing.import(input);
  }

  /** Idempotent: only values that differ are changed. */
  @Handles(updateFlow)
  update(input: InputOf<typeof updateFlow>): Promise<ReplyOf<typeof updateFlow>> {
    return this.flows.update(input);
  }

  @Handles(getFlow)
  get(input: InputOf<typeof getFlow>): Promise<ReplyOf<typeof getFlow>> {
    return this.pages.get(input, input.flowId, input.reach);
  }

  @Handles(listFlows)
  list(input: InputOf<typeof listFlows>): Promise<ReplyOf<typeof listFlows>> {
    return this.pages.list(input);
  }

  /** Idempotent: a deleted flow is not deleted again. */
  @Handles(deleteFlows)
  async delete(input: InputOf<typeof deleteFlows>): Promise<ReplyOf<typeof deleteFlows>> {
    return { deleted: await this.deleting.deleteFlows(input) };
  }

  /** Changes nothing but the audit log, which records each request. */
  @Handles(getFlowSource)
  source(input: InputOf<typeof getFlowSource>): Promise<ReplyOf<typeof getFlowSource>> {
    return this.taking.source(input);
  }
}
