import {
  batchFlowsRoute,
  createFlowRoute,
  deleteFlowRoute,
  deleteFlowsRoute,
  downloadFlowsRoute,
  flowSourceRoute,
  getFlowRoute,
  listFlowsRoute,
  patchFlowRoute,
  putFlowRoute,
  uploadFlowsRoute,
} from '@causeway/contracts';
import type { Flow, RouteInput } from '@causeway/contracts';
import { causewayError } from '@causeway/contracts';
import { isCausewayError } from '@causeway/dag';
import { SETTINGS, inlineText } from '@causeway/platform';
import { Controller, Inject, StreamableFile } from '@nestjs/common';
import { FlowsClient } from '../clients/flows.client.js';
import type { Settings } from '../config.js';
import { flowFiles } from '../operations/flow-files.js';
import { zipFiles } from '../operations/zipping.js';
import { nameAttachment } from './answer/attachment.js';
import { type WrittenJson, answerJson, answerPieces } from './answer/answer-json.js';
import { countAnswer } from './answer/count-answer.js';
import type { Call } from './door/call.js';
import { limitOf } from './body/limits.js';
import { Serve } from './door/serve.js';
import { readUpload } from './body/upload.js';

/** Flows, with Langflow's API. */
@Controller()
export class FlowsController {
  constructor(
    private readonly flows: FlowsClient,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {}

  @Serve(listFlowsRoute)
  async list({ query }: RouteInput<typeof listFlowsRoute>, call: Call): Promise<WrittenJson> {
    const filter = {
      componentsOnly: query.components_only,
      flowsOnly: false,
      ...(query.folder_id !== undefined && { projectId: query.folder_id }),
    };
    const withData = !query.header_flows;
    const { page, size } = query;
    // The first page is read before the answer begins, so that an error can still be answered.
    const first = await this.flows.list(
      call,
      query.get_all ? { ...filter, size: 100 } : { ...filter, page, size },
    );
    if (query.get_all) {
      const flows = this.flows.listAll(call, filter, first);
      return answerJson(call, '[', this.flows.texts(call, flows, withData), ']');
    }
    const { items, total } = first;
    const rest = JSON.stringify({ total, page, size, pages: Math.ceil(total / size) }).slice(1);
    return answerJson(call, '{"items":[', this.flows.texts(call, items, withData), `],${rest}`);
  }

  @Serve(createFlowRoute)
  async create({ body }: RouteInput<typeof createFlowRoute>, call: Call): Promise<WrittenJson> {
    return answerPieces(call, await this.flows.create(call, body));
  }

  @Serve(batchFlowsRoute)
  async createSeveral({ body }: RouteInput<typeof batchFlowsRoute>, call: Call): Promise<WrittenJson> {
    const flowIds = await this.flows.createSeveral(call, body.flows);
    return answerJson(call, '[', this.flows.textsOf(call, flowIds), ']');
  }

  @Serve(getFlowRoute)
  async get({ params }: RouteInput<typeof getFlowRoute>, call: Call): Promise<WrittenJson> {
    return answerPieces(call, await this.flows.get(call, params.flowId));
  }

  @Serve(patchFlowRoute)
  async patch({ params, body }: RouteInput<typeof patchFlowRoute>, call: Call): Promise<WrittenJson> {
    return answerPieces(call, await this.flows.update(call, params.flowId, body));
  }

  @Serve(putFlowRoute)
  async put({ params, body }: RouteInput<typeof putFlowRoute>, call: Call): Promise<WrittenJson> {
    try {
      return answerPieces(call, await this.flows.update(call, params.flowId, body));
    } catch (error) {
      if (!isCausewayError(error) || error.code !== 'FLOW_UNKNOWN') throw error;
      call.reply.status(201);
      return answerPieces(call, await this.flows.create(call, body, params.flowId));
    }
  }

  @Serve(deleteFlowRoute)
  async delete({ params }: RouteInput<typeof deleteFlowRoute>, call: Call): Promise<{ message: string }> {
    const deleted = await this.flows.delete(call, [params.flowId]);
    if (deleted.length === 0) throw causewayError('FLOW_UNKNOWN', { flow: params.flowId });
    return { message: 'Flow deleted successfully' };
  }

  @Serve(deleteFlowsRoute)
  async deleteSeveral(
    { body }: RouteInput<typeof deleteFlowsRoute>,
    call: Call,
  ): Promise<{ deleted: number }> {
    return { deleted: (await this.flows.delete(call, body)).length };
  }

  @Serve(uploadFlowsRoute)
  async upload({ query }: RouteInput<typeof uploadFlowsRoute>, call: Call): Promise<WrittenJson> {
    const limit = limitOf(this.settings, 'maxFlowBytes');
    const { fileName, content } = await readUpload(call, limit);
    const flows = await this.flows.importFile(call, content, {
      fileName,
      ...(query.folder_id !== undefined && { projectId: query.folder_id }),
    });
    return answerJson(call, '[', flows, ']');
  }

  @Serve(downloadFlowsRoute)
  async download({ body }: RouteInput<typeof downloadFlowsRoute>, call: Call): Promise<unknown> {
    const found: Flow[] = [];
    for await (const flow of this.flows.listAll(call, { flowIds: body })) found.push(flow);
    const missing = body.find((id) => !found.some((flow) => flow.id === id));
    if (missing !== undefined) throw causewayError('FLOW_UNKNOWN', { flow: missing });
    const flows = this.flows.exports(call, found);
    if (found.length === 1) {
      const { value: only } = await flows.next();
      if (!only) throw causewayError('FLOW_UNKNOWN', { flow: body[0] ?? '' });
      return answerPieces(call, only.pieces);
    }
    nameAttachment(call, 'flows.zip', 'application/zip');
    return new StreamableFile(zipFiles(flowFiles(flows, call.memory.answer)), { type: 'application/zip' });
  }

  @Serve(flowSourceRoute)
  async source({ params }: RouteInput<typeof flowSourceRoute>, call: Call): Promise<Buffer> {
    const { fileName, source } = await this.flows.source(call, params.flowId);
    nameAttachment(call, fileName, 'application/json');
    const bytes = Buffer.from(inlineText(source), 'base64');
    countAnswer(call, bytes.length);
    return bytes;
  }
}
