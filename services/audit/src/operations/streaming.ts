import type { GuardedPost } from '@causeway/components/outbound';
import { auditEvent } from '@causeway/contracts';
import { Database, Lifecycle, SETTINGS, counter, log, newId, withoutContext } from '@causeway/platform';
import { Inject, Injectable } from '@nestjs/common';
import type { OnApplicationBootstrap, OnApplicationShutdown } from '@nestjs/common';
import type { Settings } from '../config.js';
import { MOST_TRIES, signedHeaders, streamSecret, waitAfter } from '../domain/stream-message.js';
import { ChainStore } from '../store/chain.store.js';
import { ExportStore, type SealedEvent } from '../store/export.store.js';
import { type StreamRow, StreamStore } from '../store/stream.store.js';
import { Appending } from './appending.js';

const LOOK_MS = 1_000;
const POST_MS = 10_000;
/** Longer than a try may take: then another process may send the stream. */
const TAKEN_S = 30;
const MOST_EVENTS = 100;
const MOST_CHARACTERS = 512 * 1024;

const sent = counter(
  'causeway_audit_stream_events_total',
  'Events that receivers of the audit log have confirmed.',
);
const failed = counter(
  'causeway_audit_stream_failures_total',
  'Messages that a receiver of the audit log did not confirm.',
);

/**
 * Sends the events of organisations to their receivers: at least once each, in the order of the chain, one message at a time. How far it has
 * come is in the database, so a process that dies is followed by one that repeats the last message at most.
 */
@Injectable()
export class Streaming implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly signingKey: Buffer;
  private poster: Promise<GuardedPost> | undefined;
  private timer: NodeJS.Timeout | undefined;
  private round: Promise<void> = Promise.resolve();

  constructor(
    private readonly database: Database,
    private readonly store: StreamStore,
    private readonly exports: ExportStore,
    private readonly chain: ChainStore,
    private readonly appending: Appending,
    private readonly lifecycle: Lifecycle,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {
    this.signingKey = settings.auditSigningKey.key.export({ format: 'der', type: 'pkcs8' });
  }

  onApplicationBootstrap(): void {
    this.next();
  }

  async onApplicationShutdown(): Promise<void> {
    clearTimeout(this.timer);
    await this.round;
    await (await this.poster)?.close();
  }

  /** The secret with which the messages of a stream are signed. */
  secretOf({ organisationId, seed }: Pick<StreamRow, 'organisationId' | 'seed'>): string {
    return streamSecret(this.signingKey, organisationId, seed);
  }

  /** Sends a message without events, so that a wrong address is known at once. @returns what is wrong; undefined when it was taken */
  tryOut(stream: Pick<StreamRow, 'organisationId' | 'url' | 'seed'>): Promise<string | undefined> {
    return this.post(stream, `${stream.organisationId}-${stream.seed}`, []);
  }

  private next(): void {
    if (this.lifecycle.signal.aborted) return;
    this.timer = setTimeout(() => {
      this.round = withoutContext(() => this.look()).finally(() => this.next());
    }, LOOK_MS).unref();
  }

  private async look(): Promise<void> {
    try {
      // One receiver that is slow does not delay those of other organisations.
      await Promise.all((await this.store.due()).map((stream) => this.send(stream)));
    } catch (error) {
      log.failure(error, 'streams of audit events not looked at');
    }
  }

  private async send(due: StreamRow): Promise<void> {
    try {
      for (let stream = due; !this.lifecycle.signal.aborted;) {
        const { organisationId, sentSeq } = stream;
        const head = (await this.chain.heads(this.database, [organisationId])).get(organisationId)?.seq ?? 0;
        if (head <= sentSeq) return;
        const part = { after: sentSeq, upTo: head };
        const events = withinCharacters(await this.exports.events({ organisationId }, {}, part, MOST_EVENTS));
        const last = events.at(-1)?.seq;
        if (!(await this.store.take(stream, TAKEN_S))) return;
        // What is missing until the head was removed with its month.
        if (last === undefined) return await this.store.confirm(stream, head);
        const problem = await this.post(stream, `${organisationId}-${events[0]?.seq}-${last}`, events);
        if (problem !== undefined) return await this.noteFailure(stream, problem);
        await this.store.confirm(stream, last);
        sent.add(events.length);
        stream = { ...stream, sentSeq: last, failures: 0 };
      }
    } catch (error) {
      log.failure(error, 'audit events not sent', { organisationId: due.organisationId });
    }
  }

  private async noteFailure(stream: StreamRow, problem: string): Promise<void> {
    const { organisationId, url, sentSeq } = stream;
    const failures = stream.failures + 1;
    const isLast = failures >= MOST_TRIES;
    failed.add(1);
    log.warn(
      { organisationId, host: new URL(url).host, sentSeq, failures, problem },
      'audit events not taken by their receiver',
    );
    // First the event: a stream that has ended must not go unnoticed.
    if (isLast) await this.tellPause(stream, failures, problem);
    await this.store.fail(stream, problem, waitAfter(failures), isLast);
  }

  private async tellPause(
    { organisationId, url, sentSeq }: StreamRow,
    failures: number,
    problem: string,
  ): Promise<void> {
    const event = auditEvent({
      id: newId(),
      at: new Date(),
      tenant: { organisationId },
      actor: { kind: 'system', id: 'audit', name: 'audit' },
      action: 'audit_stream.pause',
      object: { type: 'audit_stream', id: organisationId, name: new URL(url).host },
      result: 'failed',
      detail: { sentSeq, failures, problem },
    });
    await this.appending.record([event]);
  }

  /** @returns what is wrong; undefined when the receiver has taken it */
  private async post(
    stream: Pick<StreamRow, 'organisationId' | 'url' | 'seed'>,
    id: string,
    events: readonly SealedEvent[],
  ): Promise<string | undefined> {
    const items = events.map(
      ({ seq, hash, content }) => `{"seq":${seq},"hash":"${hash}","event":${content}}`,
    );
    const body = `{"type":"audit.events","organisationId":"${stream.organisationId}","events":[${items.join(',')}]}`;
    try {
      const poster = await (this.poster ??= this.openPoster());
      const status = await poster.post(
        new URL(stream.url),
        signedHeaders(this.secretOf(stream), id, Date.now(), body),
        body,
      );
      return status >= 200 && status < 300 ? undefined : `it answers with status ${status}`;
    } catch (error) {
      return (error as Error).message.slice(0, 300);
    }
  }

  /** Loaded when the first stream is used. */
  private async openPoster(): Promise<GuardedPost> {
    const { createGuardedPost } = await import('@causeway/components/outbound');
    return createGuardedPost(this.settings.auditStreamAllow, POST_MS);
  }
}

/** As many events as a message may have, one at least. */
function withinCharacters(events: readonly SealedEvent[]): readonly SealedEvent[] {
  let characters = 0;
  const end = events.findIndex(({ content }) => (characters += content.length) > MOST_CHARACTERS);
  return end === -1 ? events : events.slice(0, Math.max(1, end));
}
