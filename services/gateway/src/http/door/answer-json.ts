import { StreamableFile } from '@nestjs/common';
import { streamJson } from '../../operations/json-stream.js';

/** A JSON answer that is written while its items are found. */
export function answerJson(before: string, items: AsyncIterable<string>, after: string): StreamableFile {
  return new StreamableFile(streamJson(before, items, after), { type: 'application/json; charset=utf-8' });
}
