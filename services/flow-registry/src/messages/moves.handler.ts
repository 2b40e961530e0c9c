import { moveFlow, moveProject } from '@causeway/contracts';
import type { InputOf, ReplyOf } from '@causeway/contracts';
import { Handles } from '@causeway/platform';
import { Controller } from '@nestjs/common';
import { Moving } from '../changes/moving.js';

/** Requests that move something to another team. Sent again, they find that it is not in the former team any more. */
@Controller()
export class MovesHandler {
  constructor(private readonly moving: Moving) {}

  @Handles(moveFlow)
  moveFlow(input: InputOf<typeof moveFlow>): Promise<ReplyOf<typeof moveFlow>> {
    return this.moving.moveFlow(input);
  }

  @Handles(moveProject)
  moveProject(input: InputOf<typeof moveProject>): Promise<ReplyOf<typeof moveProject>> {
    return this.moving.moveProject(input);
  }
}
