import {
  causewayError,
  createProject,
  createProjectRoute,
  deleteProject,
  deleteProjectRoute,
  downloadProjectRoute,
  getProject,
  getProjectRoute,
  listProjects,
  listProjectsRoute,
  patchProjectRoute,
  updateProject,
  uploadProjectRoute,
  actorOf,
  tenantOf,
} from '@causeway/contracts';
import type { RouteInput, RouteReply } from '@causeway/contracts';
import { Bus, SETTINGS } from '@causeway/platform';
import { Controller, Inject, StreamableFile } from '@nestjs/common';
import { FlowsClient } from '../clients/flows.client.js';
import type { Settings } from '../config.js';
import { folderRead } from '../domain/langflow-shapes.js';
import { everyItem } from '../operations/every-item.js';
import { flowFiles } from '../operations/flow-files.js';
import { zipFiles } from '../operations/zipping.js';
import { nameAttachment } from './answer/attachment.js';
import { type WrittenJson, answerJson, shownAs } from './answer/answer-json.js';
import type { Call } from './door/call.js';
import { limitOf } from './body/limits.js';
import { Serve } from './door/serve.js';
import { readUpload } from './body/upload.js';

const PAGE = 100;

/** Projects, which Langflow also calls folders. */
@Controller()
export class ProjectsController {
  constructor(
    private readonly bus: Bus,
    private readonly flows: FlowsClient,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {}

  @Serve(listProjectsRoute)
  async list(_input: RouteInput<typeof listProjectsRoute>, call: Call): Promise<WrittenJson> {
    const projects = await everyItem((after) =>
      this.bus.request(listProjects, { ...tenantOf(call), page: { limit: PAGE, ...after } }),
    );
    return answerJson(call, '[', shownAs(projects, folderRead), ']');
  }

  @Serve(createProjectRoute)
  async create(
    { body }: RouteInput<typeof createProjectRoute>,
    call: Call,
  ): Promise<RouteReply<typeof createProjectRoute>> {
    const flowIds = [...(body.flows_list ?? []), ...(body.components_list ?? [])];
    const { name, description } = body;
    return folderRead(
      await this.bus.request(createProject, {
        ...actorOf(call),
        name,
        flowIds,
        ...(description !== undefined && { description }),
      }),
    );
  }

  @Serve(getProjectRoute)
  async get({ params, query }: RouteInput<typeof getProjectRoute>, call: Call): Promise<WrittenJson> {
    const project = await this.bus.request(getProject, { ...tenantOf(call), ...params });
    const folder = folderRead(project);
    const { page, size, search } = query;
    if (page === undefined) {
      const flows = this.flows.texts(call, this.flows.listAll(call, { projectId: project.id }), true);
      return answerJson(call, `${JSON.stringify(folder).slice(0, -1)},"flows":[`, flows, ']}');
    }
    const { items, total } = await this.flows.list(call, {
      projectId: project.id,
      componentsOnly: query.is_component,
      flowsOnly: query.is_flow,
      ...(search !== undefined && { search }),
      page,
      size,
    });
    const rest = JSON.stringify({ total, page, size, pages: Math.ceil(total / size) }).slice(1);
    const before = `{"folder":${JSON.stringify(folder)},"flows":{"items":[`;
    return answerJson(call, before, this.flows.texts(call, items, true), `],${rest}}`);
  }

  @Serve(patchProjectRoute)
  async patch(
    { params, body }: RouteInput<typeof patchProjectRoute>,
    call: Call,
  ): Promise<RouteReply<typeof patchProjectRoute>> {
    const lists = [body.flows, body.components, body.flows_list, body.components_list].filter(
      (list) => list != null,
    );
    const { name, description } = body;
    return folderRead(
      await this.bus.request(updateProject, {
        ...actorOf(call),
        ...params,
        ...(name !== undefined && { name }),
        ...(description !== undefined && { description }),
        ...(lists.length > 0 && { flowIds: lists.flat() }),
      }),
    );
  }

  @Serve(deleteProjectRoute)
  async delete({ params }: RouteInput<typeof deleteProjectRoute>, call: Call): Promise<void> {
    await this.bus.request(deleteProject, { ...actorOf(call), ...params });
  }

  @Serve(downloadProjectRoute)
  async download({ params }: RouteInput<typeof downloadProjectRoute>, call: Call): Promise<StreamableFile> {
    const project = await this.bus.request(getProject, { ...tenantOf(call), ...params });
    const first = await this.flows.list(call, { projectId: project.id, size: 100 });
    if (first.items.length === 0)
      throw causewayError('REQUEST_INVALID', {
        problems: `project ${project.name}: it has no flows to export`,
      });
    nameAttachment(call, `${project.name}.zip`, 'application/zip');
    const flows = this.flows.exports(call, this.flows.listAll(call, { projectId: project.id }, first));
    return new StreamableFile(zipFiles(flowFiles(flows, call.memory.answer)), { type: 'application/zip' });
  }

  @Serve(uploadProjectRoute)
  async upload(_input: RouteInput<typeof uploadProjectRoute>, call: Call): Promise<WrittenJson> {
    const limit = limitOf(this.settings, 'maxFlowBytes');
    const { fileName, content } = await readUpload(call, limit);
    return answerJson(
      call,
      '[',
      await this.flows.importFile(call, content, { fileName, asProject: true }),
      ']',
    );
  }
}
