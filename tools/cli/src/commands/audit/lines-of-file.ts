import { createReadStream } from 'node:fs';

/** A line of a file. */
export interface FileLine {
  /** Without its line break. */
  readonly text: string;
  /** Where the next line begins, in bytes. */
  readonly end: number;
  /** False for a last line without a line break. */
  readonly isWhole: boolean;
}

/** The lines of a file, one in memory at a time. They end with LF only: a text in JSON may contain every other line separator. */
export async function* linesOfFile(file: string): AsyncGenerator<FileLine> {
  let parts: Buffer[] = [];
  let position = 0;
  for await (const chunk of createReadStream(file) as AsyncIterable<Buffer>) {
    let start = 0;
    for (let at = chunk.indexOf(10); at !== -1; at = chunk.indexOf(10, start)) {
      parts.push(chunk.subarray(start, at));
      start = at + 1;
      yield { text: Buffer.concat(parts).toString(), end: position + start, isWhole: true };
      parts = [];
    }
    parts.push(chunk.subarray(start));
    position += chunk.length;
  }
  const rest = Buffer.concat(parts);
  if (rest.length > 0) yield { text: rest.toString(), end: position, isWhole: false };
}
