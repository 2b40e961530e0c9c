import type { Checkpoint } from './checkpoint.js';

/**
 * The lines of an export, each a canonical JSON text. A header; then events in the order of the chain, each block after its checkpoint; then
 * the end. An event that stands behind the last checkpoint has no proof yet.
 */
export type ExportLine = HeaderLine | CheckpointLine | EventLine | RemovedLine | CursorLine | EndLine;

/** Begins an export. */
export interface HeaderLine {
  readonly kind: 'export';
  readonly format: 1;
  readonly organisationId: string;
  /** Which events were asked for; empty for all of the organisation. */
  readonly filter: Readonly<Record<string, string>>;
  /** Whether it has every event that is kept: then the chain itself is checked, else each event by its Merkle proof. */
  readonly isComplete: boolean;
  /** The first and the last event that existed when the export began; both 0 when there was none. */
  readonly from: number;
  readonly upTo: number;
  readonly at: string;
}

export interface CheckpointLine {
  readonly kind: 'checkpoint';
  readonly checkpoint: Checkpoint;
  readonly signature: string;
}

export interface EventLine {
  readonly kind: 'event';
  readonly seq: number;
  /** The hash of the event before it. */
  readonly previous: string;
  readonly hash: string;
  readonly event: { readonly [member: string]: unknown };
  /** In an export that is not complete: leads from the event's hash to the root of its checkpoint. */
  readonly proof?: readonly string[];
}

/** An event that was removed with its month, in a block of which other events are kept. */
export interface RemovedLine {
  readonly kind: 'removed';
  readonly seq: number;
  readonly hash: string;
}

/** Where the export can go on after it was interrupted. It proves nothing. */
export interface CursorLine {
  readonly kind: 'cursor';
  readonly after: string;
}

/** What the service says, signed, of an export that it has sent to the end. */
export interface ExportStatement {
  readonly organisationId: string;
  readonly count: number;
  /** The last event of the export, 0 without any. */
  readonly lastSeq: number;
  /** The last checkpoint of the export, null without any. */
  readonly lastCheckpoint: number | null;
  /** Begins as the hash of the header's text; each event adds its hash. */
  readonly digest: string;
  readonly at: string;
  readonly keyId: string;
}

/** Ends an export. */
export interface EndLine {
  readonly kind: 'end';
  readonly statement: ExportStatement;
  readonly signature: string;
}
