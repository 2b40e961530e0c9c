import { createProject, deleteProject, getProject, listProjects, updateProject } from '@causeway/contracts';
import type { InputOf, ReplyOf } from '@causeway/contracts';
import { Handles } from '@causeway/platform';
import { Controller } from '@nestjs/common';
import { Deleting } from '../changes/deleting.js';
import { Projects } from '../changes/projects.js';
import { ProjectStore } from '../store/project.store.js';

/** Requests about projects. */
@Controller()
export class ProjectsHandler {
  constructor(
    private readonly projects: Projects,
    private readonly store: ProjectStore,
    private readonly deleting: Deleting,
  ) {}

  /** Not idempotent: the same request twice makes `X` and `X (1)`. */
  @Handles(createProject)
  create(input: InputOf<typeof createProject>): Promise<ReplyOf<typeof createProject>> {
    return this.projects.create(input);
  }

  @Handles(updateProject)
  update(input: InputOf<typeof updateProject>): Promise<ReplyOf<typeof updateProject>> {
    return this.projects.update(input);
  }

  @Handles(listProjects)
  list(input: InputOf<typeof listProjects>): Promise<ReplyOf<typeof listProjects>> {
    return this.store.list(input);
  }

  @Handles(getProject)
  get(input: InputOf<typeof getProject>): Promise<ReplyOf<typeof getProject>> {
    return this.store.get(input, input.projectId);
  }

  @Handles(deleteProject)
  async delete(input: InputOf<typeof deleteProject>): Promise<ReplyOf<typeof deleteProject>> {
    await this.deleting.deleteProject(input);
    return {};
  }
}
