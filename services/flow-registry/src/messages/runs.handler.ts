import { getPlan, getVariableValues, resolveFlow } from '@causeway/contracts';
import type { InputOf, ReplyOf } from '@causeway/contracts';
import { Handles } from '@causeway/platform';
import { Controller } from '@nestjs/common';
import { Running } from '../answers/running.js';

/** Requests that are sent while a run starts and executes. */
@Controller()
export class RunsHandler {
  constructor(private readonly running: Running) {}

  @Handles(resolveFlow)
  resolve(input: InputOf<typeof resolveFlow>): Promise<ReplyOf<typeof resolveFlow>> {
    return this.running.resolve(input);
  }

  @Handles(getPlan)
  plan(input: InputOf<typeof getPlan>): Promise<ReplyOf<typeof getPlan>> {
    return this.running.plan(input);
  }

  @Handles(getVariableValues)
  values(input: InputOf<typeof getVariableValues>): Promise<ReplyOf<typeof getVariableValues>> {
    return this.running.values(input);
  }
}
