import { mkdtempSync } from 'node:fs';
import { randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { noSecrets } from '@causeway/components/runtime';
import type { PlanNode } from '@causeway/dag';
import { FolderStore, Payloads } from '@causeway/platform';
import type { Queryable } from '@causeway/platform';
import type { Settings } from '../src/config.js';
import { Journal } from '../src/walk/journal.js';
import { Outputs } from '../src/walk/values/outputs.js';
import type { RunAttempt } from '../src/walk/run-attempt.js';
import { RunClock } from '../src/walk/run-clock.js';
import { StepCalls } from '../src/walk/step-calls.js';
import { QuarantineStore } from '../src/store/runners/quarantine.store.js';
import { ReplayStore } from '../src/store/replay.store.js';
import { RunStore } from '../src/store/run.store.js';
import { anEnvelope } from './an-envelope.js';

const limits = { stepOutputBytes: 2_000, runOutputBytes: 10_000 } as Settings;

/** Attempts at runs, one after the other, as the processes of an executor would make them. */
export class Attempts {
  readonly store: RunStore;
  readonly replays: ReplayStore;
  readonly calls: StepCalls;
  private readonly journal: Journal;

  constructor(private readonly connection: Queryable) {
    this.store = new RunStore(connection);
    this.replays = new ReplayStore(connection);
    this.journal = new Journal(this.store);
    const payloads = new Payloads(new FolderStore(mkdtempSync(join(tmpdir(), 'causeway-objects-'))));
    this.calls = new StepCalls(this.replays, new Outputs(payloads, limits));
  }

  /** The first attempt at a new run. */
  async first(maxTokens = 100): Promise<RunAttempt> {
    const envelope = anEnvelope({ limits: { timeoutMs: 60_000, maxTokens, memoryBytes: 1 } });
    const lease = await this.store.claim([envelope], { id: await this.runner('shared'), engineVersion: 1 });
    if (!lease.has(envelope.runId)) throw new Error('not claimed');
    return this.open(envelope, 1);
  }

  /** The next attempt, after the process of the previous one has died. */
  async next(attempt: RunAttempt): Promise<RunAttempt> {
    const { envelope } = attempt;
    await this.connection.query(
      'UPDATE executor SET ended_at = now() WHERE id = (SELECT owner FROM execution WHERE run_id = $1)',
      [envelope.runId],
    );
    await new QuarantineStore(this.connection).group();
    const runner = { id: await this.runner('quarantine'), readableEngines: [1] };
    const adopted = await this.store.adoptGroup(runner, { atMost: 100, crashLimit: 3, waitedS: 0 });
    const epoch = adopted.find((run) => run.runId === envelope.runId)?.epoch;
    if (!epoch) throw new Error('not taken over');
    return this.open(envelope, epoch);
  }

  private async open(envelope: RunAttempt['envelope'], epoch: number): Promise<RunAttempt> {
    const replay = await this.replays.read(envelope.runId);
    const controller = new AbortController();
    const journal = this.journal.open(envelope.runId, epoch, replay.lastSeq, {
      cancelRequested: () => {},
      failed: (error) => controller.abort(error),
    });
    return {
      envelope,
      epoch,
      replay,
      journal,
      secrets: noSecrets,
      signal: controller.signal,
      halt: controller,
      clock: new RunClock(Date.now()),
      underWay: new Map(),
      intents: new Map(),
      surelyNew: new Set(),
      paid: { committed: Promise.resolve() },
      tokens: { used: 0 },
      bytes: { used: 0 },
      emit: () => {},
    } as unknown as RunAttempt;
  }

  private async runner(kind: string): Promise<string> {
    const id = randomUUID();
    await this.connection.query(
      `INSERT INTO executor (id, kind, host, pid, engine_version) VALUES ($1, $2, 'test', 1, 1)`,
      [id, kind],
    );
    return id;
  }
}

/** The node that makes the calls. */
export const caller = { id: 'Agent-1', type: 'Agent', displayName: 'Agent' } as PlanNode;
