import { getResealing } from '@causeway/contracts';
import type { InputOf, ReplyOf } from '@causeway/contracts';
import { Handles } from '@causeway/platform';
import { Controller } from '@nestjs/common';
import { Resealing } from '../changes/sealing/resealing.js';

/** Requests about what is sealed again after a rotation. */
@Controller()
export class ResealingHandler {
  constructor(private readonly resealing: Resealing) {}

  @Handles(getResealing)
  status({ principal }: InputOf<typeof getResealing>): Promise<ReplyOf<typeof getResealing>> {
    return this.resealing.status(principal.organisationId);
  }
}
