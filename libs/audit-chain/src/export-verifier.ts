import { canonicalJson } from '@causeway/dag';
import { BlockCheck } from './block-check.js';
import { FIRST_PREVIOUS, addToDigest, chainHash, hashOfText } from './chain-hash.js';
import { type Checkpoint, type SignedCheckpoint, checkpointHash } from './checkpoint.js';
import type { CheckpointLine, EndLine, EventLine, HeaderLine, RemovedLine } from './export-line.js';
import { parseExportLine } from './parse-export-line.js';
import { type Range, removedRanges, uncovered } from './removal.js';
import { type PublicKey, isSignedBy } from './signing.js';
import { type Finding, Findings, type VerifyReport } from './verify-report.js';

type Place = Omit<Finding, 'problem' | 'line'>;

/**
 * Checks an export, line by line, in memory for one block of events. It needs the file and the public keys, nothing else, and changes nothing.
 *
 * A complete export proves that every event which is kept is unchanged and in its place, and none is added or missing. An export of some
 * events proves this of each event in it, and, by the signed end, that these are the events which the service has sent; whether it sent
 * all that match its filter, it cannot prove.
 */
export class ExportVerifier {
  readonly #keys: ReadonlyMap<string, PublicKey>;
  readonly #findings = new Findings();
  readonly #keyIds = new Set<string>();
  #line = 0;
  #header: HeaderLine | undefined;
  #end: EndLine | undefined;
  #block: BlockCheck | undefined;
  #checkpoint: Checkpoint | undefined;
  #digest = '';
  /** The event that has come last, and its hash where the next one must name it. */
  #last: { readonly seq: number; readonly hash: string | undefined } = { seq: 0, hash: FIRST_PREVIOUS };
  #first: number | undefined;
  /** The last event whose absence would be seen. */
  #reached = 0;
  readonly #missing: Range[] = [];
  readonly #told: Range[] = [];
  #removedLines: number[] = [];
  readonly #count = { events: 0, checkpoints: 0, withoutCheckpoint: 0, beforeChain: 0 };

  /** Checkpoints from outside, by the last event that they cover. */
  readonly #outside = new Map<number, Checkpoint>();

  /**
   * @param keys     the public keys that are trusted: several where a key was replaced
   * @param outside  checkpoints that were kept outside of the log's database: with them it is found, too, when the end of a complete
   *                 export is missing in the database itself, together with its checkpoints
   */
  constructor(keys: readonly PublicKey[], outside: readonly SignedCheckpoint[] = []) {
    this.#keys = new Map(keys.map((key) => [key.keyId, key]));
    for (const { checkpoint, signature } of outside) {
      const key = this.#keys.get(checkpoint.keyId);
      if (key && isSignedBy('checkpoint', checkpoint, signature, key))
        this.#outside.set(checkpoint.to, checkpoint);
      else
        this.#find(
          `checkpoint ${checkpoint.number} from outside is not signed with one of the given public keys`,
          { checkpoint: checkpoint.number },
        );
    }
  }

  /** Takes the next line of the file, without its line break. */
  add(text: string): void {
    this.#line += 1;
    if (text === '' && this.#end) return;
    const line = parseExportLine(text);
    if (line === undefined)
      return this.#find('the line is not one that an export has: it was changed or cut');
    if (this.#end) return this.#find('it stands behind the end of the export: it was added');
    if (line.kind === 'export') return this.#begin(line, text);
    if (!this.#header) {
      this.#find('the export does not begin with its header: its first lines are missing');
      this.#header = { ...NO_HEADER, isComplete: line.kind !== 'event' || line.proof === undefined };
    }
    switch (line.kind) {
      case 'checkpoint':
        return this.#takeCheckpoint(line);
      case 'event':
        return this.#takeEvent(line, text);
      case 'removed':
        return this.#takeRemoved(line);
      case 'end':
        return this.#takeEnd(line);
      case 'cursor':
    }
  }

  /** Ends the check. */
  end(): VerifyReport {
    this.#closeBlock();
    const header = this.#header ?? NO_HEADER;
    if (this.#line === 0) this.#find('the file is empty');
    else if (!this.#end)
      this.#find(
        'the export has no end: it was interrupted or its last lines are missing; `causeway audit export` goes on with the same file',
      );
    else this.#checkEnd(this.#end, header);
    if (header.isComplete) {
      this.#checkMissing(header);
      this.#checkOutside(header);
    }
    const { listed: findings, more: moreFindings } = this.#findings;
    return {
      isProven: findings.length === 0,
      findings,
      moreFindings,
      organisationId: this.#header?.organisationId,
      isComplete: header.isComplete,
      filter: header.filter,
      ...this.#count,
      firstSeq: this.#first,
      lastSeq: this.#count.events === 0 ? undefined : this.#last.seq,
      removed: this.#told.reduce((sum, [from, to]) => sum + to - from + 1, 0),
      keyIds: [...this.#keyIds],
    };
  }

  #begin(header: HeaderLine, text: string): void {
    if (this.#header) return this.#find('a second header: two exports in one file');
    this.#header = header;
    this.#digest = hashOfText(text);
    // What was removed before the first event that is kept is known by no line of this file.
    this.#last = { seq: Math.max(0, header.from - 1), hash: header.from <= 1 ? FIRST_PREVIOUS : undefined };
    this.#reached = this.#last.seq;
  }

  #takeCheckpoint({ checkpoint, signature }: CheckpointLine): void {
    this.#closeBlock();
    this.#count.checkpoints += 1;
    const { number, keyId, from, to, previous } = checkpoint;
    const place = { checkpoint: number };
    const key = this.#keys.get(keyId);
    const isTrusted = key !== undefined && isSignedBy('checkpoint', checkpoint, signature, key);
    if (!key)
      this.#find(
        `checkpoint ${number} is signed with the key ${keyId}, which is not one of the given public keys`,
        place,
      );
    else if (!isTrusted) this.#find(`checkpoint ${number} was changed: its signature is wrong`, place);
    else this.#keyIds.add(keyId);
    if (this.#header?.organisationId && checkpoint.organisationId !== this.#header.organisationId)
      this.#find(`checkpoint ${number} is one of another organisation`, place);
    const before = this.#checkpoint;
    if (before && number <= before.number)
      this.#find(
        `checkpoint ${number} stands behind checkpoint ${before.number}: it was moved or repeated`,
        place,
      );
    else if (before && this.#header?.isComplete) {
      if (number !== before.number + 1)
        this.#find(`checkpoint ${before.number + 1} is missing`, { checkpoint: before.number + 1 });
      else if (previous !== checkpointHash(before) || from !== before.to + 1)
        this.#find(
          `checkpoint ${number} does not follow checkpoint ${before.number}: one of them was replaced`,
          place,
        );
    }
    this.#checkpoint = checkpoint;
    this.#reached = Math.max(this.#reached, this.#header?.isComplete ? to : 0);
    this.#block = new BlockCheck(checkpoint, isTrusted, this.#line);
  }

  #takeEvent({ seq, previous, hash, event, proof }: EventLine, text: string): void {
    const eventId = typeof event['id'] === 'string' ? event['id'] : undefined;
    const place = { seq, ...(eventId !== undefined && { eventId }) };
    const name = `event ${seq}${eventId === undefined ? '' : ` (${eventId})`}`;
    this.#count.events += 1;
    this.#digest = addToDigest(this.#digest, hash);
    if (chainHash(previous, contentOf(text, { seq, previous, hash, proof })) !== hash)
      this.#find(`${name} was changed: its hash is wrong`, place);
    if (this.#header?.organisationId && event['organisationId'] !== this.#header.organisationId)
      this.#find(`${name} is one of another organisation`, place);
    if (!this.#follow(seq, previous, name, place)) return;
    this.#first ??= seq;
    this.#compareOutside(seq, hash);
    this.#told.push(...removedRanges(event));
    this.#last = { seq, hash };
    if (!this.#block || seq > this.#block.checkpoint.to) this.#leaveBlock();
    else if (!this.#block.holds(seq))
      this.#find(`${name} does not belong to the checkpoint before it`, place);
    else {
      if (this.#block.checkpoint.isBlockZero) this.#count.beforeChain += 1;
      if (this.#header?.isComplete) this.#block.add(seq, hash);
      else if (!this.#block.isProvenBy(seq, hash, proof ?? []))
        this.#find(
          `${name} is not the event that checkpoint ${this.#block.checkpoint.number} has at this place`,
          place,
        );
    }
  }

  /** Behind the last checkpoint. */
  #leaveBlock(): void {
    this.#closeBlock();
    this.#count.withoutCheckpoint += 1;
  }

  #takeRemoved({ seq, hash }: RemovedLine): void {
    if (seq <= this.#last.seq)
      return this.#find(`the removed event ${seq} stands behind ${this.#last.seq}`, { seq });
    if (seq > this.#last.seq + 1) this.#missing.push([this.#last.seq + 1, seq - 1]);
    this.#removedLines.push(seq);
    this.#block?.add(seq, hash);
    this.#compareOutside(seq, hash);
    this.#last = { seq, hash };
  }

  /** Compares an event with the one before it; false when it stands in a wrong place. */
  #follow(seq: number, previous: string, name: string, place: Place): boolean {
    const last = this.#last;
    if (seq <= last.seq) {
      this.#find(`${name} stands behind event ${last.seq}: it was moved, added or repeated`, place);
      return false;
    }
    if (!this.#header?.isComplete) return true;
    if (seq > last.seq + 1) this.#missing.push([last.seq + 1, seq - 1]);
    else if (last.hash !== undefined && previous !== last.hash)
      this.#find(`${name} does not follow event ${last.seq}: one of them was changed, added or moved`, place);
    return true;
  }

  /** The chain must have the hash that a checkpoint from outside has signed for its last event. */
  #compareOutside(seq: number, hash: string): void {
    const known = this.#outside.get(seq);
    if (known && known.organisationId === this.#header?.organisationId && known.hash !== hash)
      this.#find(
        `event ${seq} is not the one that checkpoint ${known.number} from outside has signed: the log was rewritten`,
        {
          seq,
          checkpoint: known.number,
        },
      );
  }

  /** No checkpoint from outside may cover more than there is. */
  #checkOutside({ organisationId, at }: HeaderLine): void {
    // Later ones may cover events that did not exist when the export began.
    const covered = [...this.#outside.values()].filter(
      (one) => one.organisationId === organisationId && Date.parse(one.at) <= Date.parse(at),
    );
    const beyond = covered.filter(({ to }) => to > this.#last.seq).map(({ to }) => to);
    if (beyond.length > 0)
      this.#find(
        `the events ${this.#last.seq + 1} to ${Math.max(...beyond)} are missing: checkpoints from outside cover them`,
        {
          seq: this.#last.seq + 1,
        },
      );
  }

  #closeBlock(): void {
    const block = this.#block;
    this.#block = undefined;
    if (!block || !this.#header?.isComplete || !block.isTrusted) return;
    const { number, from, to, hash } = block.checkpoint;
    if (block.isWhole) {
      if (!block.hasSignedRoot())
        this.#findAt(
          block.line,
          `the events ${from} to ${to} are not those that checkpoint ${number} has signed: they were replaced`,
          {
            checkpoint: number,
            seq: from,
          },
        );
    } else if (this.#last.seq < to) {
      // The whole rest of the block is missing; the chain goes on behind it.
      this.#missing.push([Math.max(this.#last.seq + 1, from), to]);
      this.#last = { seq: to, hash };
    } else if (this.#last.seq === to && this.#last.hash !== hash)
      this.#findAt(block.line, `event ${to} is not the last one that checkpoint ${number} has signed`, {
        checkpoint: number,
        seq: to,
      });
  }

  #takeEnd(line: EndLine): void {
    this.#end = line;
    const { statement, signature } = line;
    const key = this.#keys.get(statement.keyId);
    if (!key)
      this.#find(
        `the end is signed with the key ${statement.keyId}, which is not one of the given public keys`,
      );
    else if (!isSignedBy('export', statement, signature, key))
      this.#find('the end of the export was changed: its signature is wrong');
    else this.#keyIds.add(statement.keyId);
  }

  #checkEnd({ statement }: EndLine, { organisationId }: HeaderLine): void {
    const { count, lastSeq, lastCheckpoint, digest } = statement;
    const reached = this.#checkpoint?.number ?? null;
    if (lastCheckpoint !== null && (reached === null || reached < lastCheckpoint))
      this.#find(`checkpoint ${lastCheckpoint}, the last one, is missing`, { checkpoint: lastCheckpoint });
    if (count !== this.#count.events)
      this.#find(`the service has sent ${count} events, the file has ${this.#count.events}`);
    if (lastSeq > this.#last.seq) this.#find(`event ${lastSeq}, the last one, is missing`, { seq: lastSeq });
    if (digest !== this.#digest)
      this.#find('the header or the list of events is not the one that the service has sent');
    if (organisationId !== '' && statement.organisationId !== organisationId)
      this.#find('the end is one of another organisation');
  }

  /** Every missing event must be one that was removed with its month. */
  #checkMissing({ upTo }: HeaderLine): void {
    const last = Math.max(upTo, this.#reached, this.#end?.statement.lastSeq ?? 0);
    if (last > this.#last.seq) this.#missing.push([this.#last.seq + 1, last]);
    for (const [from, to] of uncovered(this.#missing, this.#told))
      this.#find(from === to ? `event ${from} is missing` : `the events ${from} to ${to} are missing`, {
        seq: from,
      });
    const lines = this.#removedLines.map((seq): Range => [seq, seq]);
    for (const [seq] of uncovered(lines, this.#told))
      this.#find(`event ${seq} is said to have been removed, and no event tells of it`, { seq });
  }

  #find(problem: string, place: Place = {}): void {
    this.#findAt(this.#line, problem, place);
  }

  #findAt(line: number, problem: string, place: Place): void {
    this.#findings.add({ problem, line, ...place });
  }
}

/** The event in a line, as text: the line is canonical, and the event is its first member, so it need not be written again. */
function contentOf(text: string, rest: Omit<EventLine, 'kind' | 'event'>): string {
  const behind = canonicalJson({ kind: 'event', ...rest });
  return text.slice('{"event":'.length, text.length - behind.length);
}

/** For a file whose header is missing. */
const NO_HEADER: HeaderLine = {
  kind: 'export',
  format: 1,
  organisationId: '',
  filter: {},
  isComplete: false,
  from: 0,
  upTo: 0,
  at: '',
};
