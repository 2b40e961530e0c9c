/** Something in an export that is not as it was signed. */
export interface Finding {
  /** What is wrong, in one sentence that names the event or the checkpoint. */
  readonly problem: string;
  /** The line of the file, from 1. */
  readonly line: number;
  readonly seq?: number;
  readonly eventId?: string;
  readonly checkpoint?: number;
}

/** What the check of an export has found. */
export interface VerifyReport {
  readonly isProven: boolean;
  /** The first ones; `moreFindings` counts the others. */
  readonly findings: readonly Finding[];
  readonly moreFindings: number;
  readonly organisationId: string | undefined;
  /** Whether it is an export of everything, so that a missing event is found also if the end was signed without it. */
  readonly isComplete: boolean;
  readonly filter: Readonly<Record<string, string>>;
  readonly events: number;
  /** The first and the last event. */
  readonly firstSeq: number | undefined;
  readonly lastSeq: number | undefined;
  readonly checkpoints: number;
  /** Events behind the last checkpoint: only the signature at the end of the export vouches for them. */
  readonly withoutCheckpoint: number;
  /** Events that were recorded before the chain began. */
  readonly beforeChain: number;
  /** Events that were removed with their month, as an event of the export tells. */
  readonly removed: number;
  readonly keyIds: readonly string[];
}

/** Most findings that are listed. */
const MOST_FINDINGS = 1_000;

/** Collects findings, a bounded number of them. */
export class Findings {
  readonly listed: Finding[] = [];
  more = 0;

  add(finding: Finding): void {
    if (this.listed.length < MOST_FINDINGS) this.listed.push(finding);
    else this.more += 1;
  }
}
