import { claimRun } from '@causeway/contracts';
import type { RunEnvelope } from '@causeway/contracts';
import { Handles } from '@causeway/platform';
import { Controller } from '@nestjs/common';
import { Claiming } from '../runner/claims/claiming.js';

/** Doorbells of released runs. */
@Controller()
export class ClaimRunHandler {
  constructor(private readonly claiming: Claiming) {}

  @Handles(claimRun)
  async claim(envelope: RunEnvelope): Promise<void> {
    await this.claiming.claim(envelope);
  }
}
