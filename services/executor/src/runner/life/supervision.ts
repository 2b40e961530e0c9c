import { Lifecycle, log } from '@causeway/platform';
import { Injectable } from '@nestjs/common';
import type { OnApplicationBootstrap } from '@nestjs/common';
import { Adopting } from '../claims/adopting.js';
import type { FromRunner, ToRunner } from './runner-messages.js';
import { RunningRuns } from '../claims/running-runs.js';
import { Taking } from '../claims/taking.js';

/** Receives the messages of this runner's supervisor, and answers them. */
@Injectable()
export class Supervision implements OnApplicationBootstrap {
  constructor(
    private readonly runs: RunningRuns,
    private readonly adopting: Adopting,
    private readonly taking: Taking,
    private readonly lifecycle: Lifecycle,
  ) {}

  onApplicationBootstrap(): void {
    process.on('message', (message: ToRunner) => this.hear(message));
  }

  private hear(message: ToRunner): void {
    switch (message.type) {
      case 'ask': {
        const { isDraining: isEnding } = this.lifecycle;
        const answer: FromRunner = { type: 'alive', runs: this.runs.size, isEnding };
        // A supervisor that has ended needs no answer, so a failure to send is ignored.
        process.send?.(answer, () => {});
        break;
      }
      case 'key':
        // SupervisorKeys hears it.
        break;
      case 'look':
        this.adopting.look();
        break;
      case 'become':
        this.taking
          .become(message.kind)
          .catch((error: unknown) => log.failure(error, 'change of kind not stored'));
        break;
    }
  }
}
