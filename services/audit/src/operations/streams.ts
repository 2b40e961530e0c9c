import { randomUUID } from 'node:crypto';
import {
  type AuditStream,
  type InputOf,
  type Principal,
  type ReplyOf,
  auditEvent,
  causewayError,
  deleteAuditStream,
  getAuditStream,
  putAuditStream,
} from '@causeway/contracts';
import { Database, currentContext, newId } from '@causeway/platform';
import { Injectable } from '@nestjs/common';
import { ChainStore } from '../store/chain.store.js';
import { type StreamRow, StreamStore } from '../store/stream.store.js';
import { Appending } from './appending.js';
import { Streaming } from './streaming.js';

/** Sets where the events of an organisation are sent. */
@Injectable()
export class Streams {
  constructor(
    private readonly database: Database,
    private readonly store: StreamStore,
    private readonly chain: ChainStore,
    private readonly streaming: Streaming,
    private readonly appending: Appending,
  ) {}

  async get({ organisationId }: InputOf<typeof getAuditStream>): Promise<ReplyOf<typeof getAuditStream>> {
    checkMayChange();
    const stream = await this.store.find(organisationId);
    return { stream: stream ? await this.shown(stream) : null };
  }

  /** @returns the stream, and the secret that signs what is sent, which is stored nowhere */
  async put(
    input: Omit<InputOf<typeof putAuditStream>, 'question'>,
  ): Promise<{ readonly stream: AuditStream; readonly secret: string }> {
    checkMayChange();
    const { organisationId, url, from } = input;
    const seed = randomUUID();
    const problem = await this.streaming.tryOut({ organisationId, url, seed });
    if (problem !== undefined)
      throw causewayError('AUDIT_STREAM_REFUSED', { address: new URL(url).host, problem });
    const sentSeq = from === 'beginning' ? 0 : await this.lastSeq(organisationId);
    // First the event: a stream that nobody knows of would be worse than an event of one that failed.
    await this.tell(input, 'audit_stream.create', url, { from });
    const stream = await this.store.put({ organisationId, url, seed, sentSeq });
    return { stream: await this.shown(stream), secret: this.streaming.secretOf(stream) };
  }

  async delete(input: InputOf<typeof deleteAuditStream>): Promise<ReplyOf<typeof deleteAuditStream>> {
    checkMayChange();
    const removed = await this.store.delete(input.organisationId);
    if (removed) await this.tell(input, 'audit_stream.delete', removed.url, { sentSeq: removed.sentSeq });
    return {};
  }

  private async tell(
    {
      organisationId,
      principal,
      requestId,
    }: { organisationId: string; principal: Principal; requestId?: string | undefined },
    action: string,
    url: string,
    detail: Record<string, string | number>,
  ): Promise<void> {
    const object = { type: 'audit_stream', id: organisationId, name: new URL(url).host };
    await this.appending.record([
      auditEvent({
        id: newId(),
        at: new Date(),
        tenant: { organisationId },
        actor: principal,
        action,
        object,
        requestId,
        detail,
      }),
    ]);
  }

  private async shown({
    organisationId,
    url,
    sentSeq,
    failures,
    lastError,
    pausedAt,
    createdAt,
  }: StreamRow): Promise<AuditStream> {
    return {
      url,
      sentSeq,
      lastSeq: await this.lastSeq(organisationId),
      failures,
      lastError,
      pausedAt: pausedAt?.toISOString() ?? null,
      createdAt: createdAt.toISOString(),
    };
  }

  private async lastSeq(organisationId: string): Promise<number> {
    return (await this.chain.heads(this.database, [organisationId])).get(organisationId)?.seq ?? 0;
  }
}

/** @throws CausewayError PERMISSION_DENIED */
function checkMayChange(): void {
  if (!currentContext().principal?.organisationPermissions?.includes('organisation:write'))
    throw causewayError('PERMISSION_DENIED', { permission: 'organisation:write' });
}
