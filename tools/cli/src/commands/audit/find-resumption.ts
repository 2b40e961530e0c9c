import { createReadStream, existsSync } from 'node:fs';
import { parseExportLine } from '@causeway/audit-chain';
import { linesOfFile } from './lines-of-file.js';

/** How far an export in a file has come. */
export interface Resumption {
  /** With what to ask for the rest; absent: from the beginning. */
  readonly after?: string;
  /** So many bytes of the file are right; what follows was interrupted. */
  readonly keepBytes: number;
  readonly isEnded: boolean;
}

const FRESH: Resumption = { keepBytes: 0, isEnded: false };

/**
 * Finds where an export in a file goes on.
 *
 * @throws Error when the file is something else, which must not be overwritten
 */
export async function findResumption(file: string, format: 'jsonl' | 'csv'): Promise<Resumption> {
  if (!existsSync(file)) return FRESH;
  return format === 'csv' ? resumeTable(file) : resumeLines(file);
}

async function resumeLines(file: string): Promise<Resumption> {
  let found = FRESH;
  let isFirst = true;
  for await (const { text, end, isWhole } of linesOfFile(file)) {
    // Only lines that matter here are parsed.
    const line = isFirst || /^\{"(after|kind)":/.test(text) ? parseExportLine(text) : undefined;
    if (isFirst && isWhole && line?.kind !== 'export')
      throw new Error(`${file} is not an export of the audit log: name another file with --out`);
    isFirst = false;
    if (!isWhole) break;
    if (line?.kind === 'cursor') found = { after: line.after, keepBytes: end, isEnded: false };
    if (line?.kind === 'end') return { keepBytes: end, isEnded: true };
  }
  return found;
}

/** The rows of a table that are whole, and the number of the last one. A cell may contain line breaks, in quotes. */
async function resumeTable(file: string): Promise<Resumption> {
  let isQuoted = false;
  let position = 0;
  let row: number[] = [];
  let found: Resumption | undefined;
  for await (const chunk of createReadStream(file) as AsyncIterable<Buffer>)
    for (const byte of chunk) {
      position += 1;
      if (byte === 34) isQuoted = !isQuoted;
      if (byte !== 10 || isQuoted) {
        // The number is the first cell.
        if (row.length < 20) row.push(byte);
        continue;
      }
      const cell = Buffer.from(row).toString().split(',')[0] ?? '';
      row = [];
      if (!found && cell !== 'seq')
        throw new Error(`${file} is not an export of the audit log: name another file with --out`);
      found = { ...(found && { after: cell }), keepBytes: found ? position : 0, isEnded: false };
    }
  return found ?? FRESH;
}
