import {
  FIRST_PREVIOUS,
  type ExportLine,
  type HeaderLine,
  type SignedCheckpoint,
  hashOfText,
  signValue,
} from '@causeway/audit-chain';
import { type AuditFilter, type InputOf, type ReplyOf, exportAuditEvents } from '@causeway/contracts';
import { canonicalJson } from '@causeway/dag';
import { Database, SETTINGS } from '@causeway/platform';
import { Inject, Injectable } from '@nestjs/common';
import type { Settings } from '../config.js';
import { askedFilter } from '../domain/asked-filter.js';
import {
  type ExportState,
  parseCursor,
  withCheckpoint,
  withEvent,
  writeCursor,
} from '../domain/export-state.js';
import { ChainStore } from '../store/chain.store.js';
import { CheckpointStore } from '../store/checkpoint.store.js';
import type { EventScope } from '../store/event-query.js';
import { ExportStore, type SealedEvent } from '../store/export.store.js';
import { Checkpoints } from './checkpoints.js';
import { Proofs } from './proofs.js';
import { readingScope } from './reading-scope.js';
import { Readings } from './readings.js';

/** Events in one part. */
const PART = 500;
/** So many numbers of the chain are looked at for one part: an export of few events comes in many parts, some of them empty. */
const WINDOW = 20_000;
const MOST_CHARACTERS = 1024 * 1024;
/** A cursor of two numbers: the export has only events, without proof, such as for a table. */
const PLAIN = /^(\d{1,15})(?:-(\d{1,15}))?$/;

interface Exported {
  readonly scope: EventScope;
  readonly filter: AuditFilter;
  /** Every event of the organisation: then the chain itself is the proof. */
  readonly isComplete: boolean;
}

/** Sends the events of an export with what proves them, part by part. */
@Injectable()
export class Exporting {
  private readonly cursorSecret: Buffer;

  constructor(
    private readonly database: Database,
    private readonly store: ExportStore,
    private readonly chain: ChainStore,
    private readonly checkpointStore: CheckpointStore,
    private readonly checkpoints: Checkpoints,
    private readonly readings: Readings,
    private readonly proofs: Proofs,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {
    const { key } = settings.auditSigningKey;
    this.cursorSecret = key.export({ format: 'der', type: 'pkcs8' });
  }

  /** The part behind the cursor. */
  async next(input: InputOf<typeof exportAuditEvents>): Promise<ReplyOf<typeof exportAuditEvents>> {
    const scope = readingScope(input);
    const filter = askedFilter(input);
    const exported = {
      scope,
      filter,
      isComplete: scope.teamId === undefined && Object.keys(filter).length === 0,
    };
    const { after } = input;
    const plain = after === undefined ? null : PLAIN.exec(after);
    if (after === undefined || (plain && plain[2] === undefined))
      await this.readings.note('audit.export', scope, filter);
    if (plain)
      return this.plainPart(
        exported,
        Number(plain[1]),
        plain[2] === undefined ? undefined : Number(plain[2]),
      );
    const of = hashOfText(canonicalJson({ ...scope, filter }));
    if (after === undefined) return this.begin(exported, of);
    return this.part(exported, parseCursor(after, of, this.cursorSecret), []);
  }

  private async begin(exported: Exported, of: string): Promise<ReplyOf<typeof exportAuditEvents>> {
    const { scope, filter, isComplete } = exported;
    const { organisationId, teamId } = scope;
    // So that every event of the export has a checkpoint.
    await this.checkpoints.make(organisationId);
    // Before the range: a checkpoint that is older than this covers nothing that the export does not have.
    const at = new Date().toISOString();
    const { first, last } = await this.rangeOf(exported);
    const header: HeaderLine = {
      kind: 'export',
      format: 1,
      organisationId,
      filter: { ...filter, ...(teamId !== undefined && { teamId }) },
      isComplete,
      from: first,
      upTo: last,
      at,
    };
    const text = canonicalJson(header);
    const state = {
      of,
      seq: Math.max(0, first - 1),
      upTo: last,
      count: 0,
      lastSeq: 0,
      lastCheckpoint: null,
      digest: hashOfText(text),
    };
    return this.part(exported, state, [text]);
  }

  /** The numbers between which the events of an export lie; a complete one begins with a whole block. */
  private async rangeOf({ scope, filter, isComplete }: Exported): Promise<{ first: number; last: number }> {
    const { organisationId } = scope;
    const bounds = await this.store.bounds(organisationId, filter);
    const none = { first: 0, last: 0 };
    if (!isComplete) return bounds ?? none;
    const last = (await this.chain.heads(this.database, [organisationId])).get(organisationId)?.seq ?? 0;
    if (!bounds) return last === 0 ? none : { first: last, last };
    const [block] = await this.checkpointStore.of(organisationId, bounds.first, bounds.first);
    return { first: block?.checkpoint.from ?? bounds.first, last };
  }

  private async part(
    exported: Exported,
    begun: ExportState,
    before: readonly string[],
  ): Promise<ReplyOf<typeof exportAuditEvents>> {
    const { events, end } = await this.read(exported, begun.seq, begun.upTo);
    const { organisationId } = exported.scope;
    const checkpoints = await this.checkpointStore.of(organisationId, begun.seq + 1, end);
    const removed = exported.isComplete ? await this.store.removed(organisationId, begun.seq + 1, end) : [];
    const lines: string[] = [...before];
    let state = begun;
    const write = (line: ExportLine): void => void lines.push(canonicalJson(line));
    const writeCheckpoint = ({ checkpoint, signature }: SignedCheckpoint): void => {
      write({ kind: 'checkpoint', checkpoint, signature });
      state = withCheckpoint(state, checkpoint);
    };
    const isNew = ({ checkpoint }: SignedCheckpoint): boolean =>
      checkpoint.number > (state.lastCheckpoint ?? -1);
    // Of a complete export every checkpoint is a part, of another one those of its events.
    const writeUpTo = (seq: number): void => {
      for (const one of checkpoints)
        if (one.checkpoint.from <= seq && isNew(one) && (exported.isComplete || one.checkpoint.to >= seq))
          writeCheckpoint(one);
    };
    const known = new Set(events.map(({ seq }) => seq));
    const rows = [...events, ...removed.filter(({ seq }) => !known.has(seq))].toSorted(
      (a, b) => a.seq - b.seq,
    );
    let last: { seq: number; hash: string } | undefined;
    for (const row of rows) {
      writeUpTo(row.seq);
      if (!('content' in row)) write({ kind: 'removed', ...row });
      else {
        const block = checkpoints.find(
          ({ checkpoint }) => checkpoint.from <= row.seq && checkpoint.to >= row.seq,
        )?.checkpoint;
        const proof = block && !exported.isComplete ? await this.proofs.of(block, row.seq) : undefined;
        const isNext = last?.seq === row.seq - 1;
        const previous =
          proof?.previous ??
          (isNext ? last?.hash : undefined) ??
          (await this.hashBefore(organisationId, row.seq));
        // The text is canonical already, and is not parsed to be written again; the members around it are in their order.
        lines.push(
          `{"event":${row.content},"hash":"${row.hash}","kind":"event","previous":"${previous}"` +
            `${proof ? `,"proof":${JSON.stringify(proof.path)}` : ''},"seq":${row.seq}}`,
        );
        state = withEvent(state, row);
      }
      last = row;
    }
    if (exported.isComplete) writeUpTo(end);
    state = { ...state, seq: end };
    if (end >= begun.upTo) {
      lines.push(this.endLine(organisationId, state));
      return { lines };
    }
    const next = writeCursor(state, this.cursorSecret);
    write({ kind: 'cursor', after: next });
    return { lines, next };
  }

  /** Events, and the number up to which the chain was looked at. */
  private async read(
    { scope, filter, isComplete }: Exported,
    after: number,
    upTo: number,
  ): Promise<{ events: SealedEvent[]; end: number }> {
    const end = isComplete ? upTo : Math.min(upTo, after + WINDOW);
    if (end <= after) return { events: [], end };
    const found = await this.store.events(scope, filter, { after, upTo: end }, PART);
    const events = withinCharacters(found);
    const isAll = found.length < PART && events.length === found.length;
    return { events, end: isAll ? end : (events.at(-1)?.seq ?? end) };
  }

  private async plainPart(
    exported: Exported,
    after: number,
    upTo: number | undefined,
  ): Promise<ReplyOf<typeof exportAuditEvents>> {
    const { first, last } = upTo === undefined ? await this.rangeOf(exported) : { first: 0, last: upTo };
    const { events, end } = await this.read(exported, Math.max(after, first - 1), last);
    const lines = events.map(
      ({ seq, hash, content }) => `{"event":${content},"hash":"${hash}","kind":"event","seq":${seq}}`,
    );
    return { lines, ...(end < last && { next: `${end}-${last}` }) };
  }

  private async hashBefore(organisationId: string, seq: number): Promise<string> {
    if (seq === 1) return FIRST_PREVIOUS;
    const hash = await this.store.hashAt(organisationId, seq - 1);
    // Only where rows were deleted by hand: the check of the export then names the event.
    return hash ?? FIRST_PREVIOUS;
  }

  private endLine(organisationId: string, { count, lastSeq, lastCheckpoint, digest }: ExportState): string {
    const { auditSigningKey: key } = this.settings;
    const statement = {
      organisationId,
      count,
      lastSeq,
      lastCheckpoint,
      digest,
      at: new Date().toISOString(),
      keyId: key.keyId,
    };
    return canonicalJson({ kind: 'end', statement, signature: signValue('export', statement, key) });
  }
}

/** As many events as a part may have, one at least. */
function withinCharacters(events: readonly SealedEvent[]): SealedEvent[] {
  let characters = 0;
  const end = events.findIndex(({ content }) => (characters += content.length) > MOST_CHARACTERS);
  return end === -1 ? [...events] : events.slice(0, Math.max(1, end));
}
