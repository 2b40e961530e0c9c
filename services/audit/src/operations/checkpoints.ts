import { type Checkpoint, nextCheckpoint, signValue } from '@causeway/audit-chain';
import { canonicalJson } from '@causeway/dag';
import { Lifecycle, ObjectStore, SETTINGS, counter, gauge, log, withoutContext } from '@causeway/platform';
import { Inject, Injectable } from '@nestjs/common';
import type { OnApplicationBootstrap, OnApplicationShutdown } from '@nestjs/common';
import type { Settings } from '../config.js';
import { ChainStore } from '../store/chain.store.js';
import { CheckpointStore } from '../store/checkpoint.store.js';

/** A checkpoint is made earlier when so many events wait for one; no block has more. */
export const MOST_IN_BLOCK = 10_000;

const made = counter('causeway_audit_checkpoints_total', 'Checkpoints of the audit log that were signed.');
const failures = counter(
  'causeway_audit_checkpoint_failures_total',
  'Checkpoints that could not be made; they are tried again.',
);

interface Waiting {
  events: number;
  sinceMs: number;
  isTriedAgain: boolean;
}

/**
 * Signs a checkpoint of each organisation that has new events, at least once in `auditCheckpointSeconds`, and stores it in the object store
 * before the database has it: who rewrites the database does not reach it there.
 */
@Injectable()
export class Checkpoints implements OnApplicationBootstrap, OnApplicationShutdown {
  /** Organisations with events behind their last checkpoint: how many, and since when. */
  private readonly waiting = new Map<string, Waiting>();
  private readonly making = new Map<string, Promise<void>>();
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly store: CheckpointStore,
    private readonly chain: ChainStore,
    private readonly objects: ObjectStore,
    lifecycle: Lifecycle,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {
    lifecycle.onDrain('audit checkpoints', () => this.round());
    gauge(
      'causeway_audit_checkpoint_waiting_seconds',
      'Age of the oldest event that no checkpoint covers yet.',
      () => {
        const oldest = Math.min(...[...this.waiting.values()].map(({ sinceMs }) => sinceMs));
        return Number.isFinite(oldest) ? (Date.now() - oldest) / 1_000 : 0;
      },
    );
  }

  onApplicationBootstrap(): void {
    // What the process before this one has left.
    void this.noteAll();
    this.timer = setInterval(() => void this.round(), this.settings.auditCheckpointSeconds * 1_000);
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
  }

  /** Remembers that an organisation has new events. */
  note(organisationId: string, events: number): void {
    const waiting = this.waiting.get(organisationId) ?? {
      events: 0,
      sinceMs: Date.now(),
      isTriedAgain: false,
    };
    waiting.events += events;
    waiting.isTriedAgain = false;
    this.waiting.set(organisationId, waiting);
    // Their transaction is about to be committed; what is not yet visible waits for the next round.
    if (waiting.events >= MOST_IN_BLOCK) void withoutContext(() => this.tryMake(organisationId));
  }

  /** Makes the checkpoints that are due; never throws. */
  async round(): Promise<void> {
    // Not while the map is read: those that fail are noted again, for the next round.
    const due = Array.from(this.waiting.keys());
    for (const organisationId of due) await withoutContext(() => this.tryMake(organisationId));
  }

  /** Makes checkpoints until none of the organisation's events is without one. */
  async make(organisationId: string): Promise<void> {
    // One after the other: two at the same time would sign the same block.
    const before = this.making.get(organisationId) ?? Promise.resolve();
    const making = before.catch(() => undefined).then(() => this.makeAll(organisationId));
    this.making.set(organisationId, making);
    try {
      await making;
    } finally {
      if (this.making.get(organisationId) === making) this.making.delete(organisationId);
    }
  }

  private async makeAll(organisationId: string): Promise<void> {
    const noted = this.waiting.get(organisationId);
    this.waiting.delete(organisationId);
    let previous = await this.store.last(organisationId);
    for (let blocks = 0; ; blocks += 1) {
      const reached: number = previous?.to ?? 0;
      const found = await this.store.hashes(organisationId, reached, MOST_IN_BLOCK);
      if (found.length === 0) {
        // The transaction of the noted events may not be committed yet: there is one more try.
        if (blocks === 0 && noted && !noted.isTriedAgain)
          this.waiting.set(organisationId, { ...noted, isTriedAgain: true });
        return;
      }
      if (found.some(({ seq }, index) => seq !== reached + 1 + index))
        throw new Error(
          `the chain of ${organisationId} has a gap behind event ${reached}: its seals were changed by hand`,
        );
      const old =
        previous && !previous.isBlockZero
          ? 0
          : await this.store.countOld(organisationId, reached, MOST_IN_BLOCK);
      const hashes = found.map(({ hash }) => hash);
      // A block has either events of before the chain or newer ones.
      previous = await this.sign(previous, organisationId, old > 0 ? hashes.slice(0, old) : hashes, old > 0);
      if (previous === undefined) return;
    }
  }

  private async sign(
    previous: Checkpoint | undefined,
    organisationId: string,
    hashes: readonly string[],
    isBlockZero: boolean,
  ): Promise<Checkpoint | undefined> {
    const { auditSigningKey: key } = this.settings;
    const at = new Date().toISOString();
    const rest = { organisationId, at, keyId: key.keyId, ...(isBlockZero && { isBlockZero: true as const }) };
    const checkpoint = nextCheckpoint(previous, hashes, rest);
    const signed = { checkpoint, signature: signValue('checkpoint', checkpoint, key) };
    const number = String(checkpoint.number).padStart(9, '0');
    // Two processes may sign the same block: both checkpoints are true, and one of them gets into the database.
    await this.objects.keep(
      `audit/${organisationId}/${at.slice(0, 10)}/${number}-${at.replace(/\D/g, '')}.json`,
      Buffer.from(canonicalJson(signed)),
    );
    if (!(await this.store.insert(signed))) return undefined;
    made.add(1);
    return checkpoint;
  }

  private async tryMake(organisationId: string): Promise<void> {
    try {
      await this.make(organisationId);
    } catch (error) {
      failures.add(1);
      log.failure(error, 'audit checkpoint not made', { organisationId });
      this.note(organisationId, 1);
    }
  }

  private async noteAll(): Promise<void> {
    try {
      for (const organisationId of await this.chain.organisations()) this.note(organisationId, 1);
    } catch (error) {
      log.failure(error, 'organisations with audit events not listed');
    }
  }
}
