import type { RetentionPlan } from '@causeway/contracts';
import type { OnApplicationBootstrap, OnApplicationShutdown } from '@nestjs/common';
import type { Database } from '../database/database.js';
import type { RetainedKind } from './retained-kind.js';
import { Retention } from './retention.js';

/** The retention of one service: a subclass declares its kinds of data, and this class removes old data, plans and stops. */
export abstract class RetentionService implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #database: Database;
  #made: Retention | undefined;

  protected constructor(database: Database) {
    this.#database = database;
  }

  /** The kinds, in the order in which they are removed. Called once. */
  protected abstract kinds(): readonly RetainedKind[];

  onApplicationBootstrap(): void {
    this.#retention.start();
  }

  onApplicationShutdown(): Promise<void> {
    return this.#retention.stop();
  }

  /** What would be removed now. */
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
