import type { RetentionPlan } from '@causeway/contracts';
import type { OnApplicationBootstrap, OnApplicationShutdown } from '@nestjs/common';
import type { Database } from '../database/database.js';
import type { RetainedKind } from './retained-kind.js';
import { Retention } from './retention.js';

/** The retention of one service: it says which kinds of data it keeps, and this runs, plans and stops the rest. */
export abstract class RetentionService implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #database: Database;
  #made: Retention | undefined;

  protected constructor(database: Database) {
    this.#database = database;
  }

  /** The kinds, in the order in which they leave. Asked once. */
  protected abstract kinds(): readonly RetainedKind[];

  onApplicationBootstrap(): void {
    this.#retention.start();
  }

  onApplicationShutdown(): Promise<void> {
    return this.#retention.stop();
  }

  /** What would leave now. */
  plan(): Promise<RetentionPlan> {
    return this.#retention.plan();
  }

  /** One round; never throws. */
  round(): Promise<void> {
    return this.#retention.round();
  }

  get #retention(): Retention {
    return (this.#made ??= new Retention(this.#database, this.kinds()));
  }
}
