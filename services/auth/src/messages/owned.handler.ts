import { handOver, listOwned } from '@causeway/contracts';
import type { InputOf, ReplyOf } from '@causeway/contracts';
import { Handles } from '@causeway/platform';
import { Controller } from '@nestjs/common';
import { HandingOver } from '../operations/people/handing-over.js';
import { Owning } from '../operations/people/owning.js';

/** Handles what people own, and who gets it when they leave. */
@Controller()
export class OwnedHandler {
  constructor(
    private readonly owning: Owning,
    private readonly handingOver: HandingOver,
  ) {}

  @Handles(listOwned)
  list(input: InputOf<typeof listOwned>): Promise<ReplyOf<typeof listOwned>> {
    return this.owning.list(input);
  }

  /** Idempotent: what was handed over is not there to be handed over again. */
  @Handles(handOver)
  handOver(input: InputOf<typeof handOver>): Promise<ReplyOf<typeof handOver>> {
    return this.handingOver.handOver(input);
  }
}
