import { z } from 'zod';

/** The last event of a page: the next page starts below it. */
export interface Cursor {
  readonly time: string;
  readonly id: string;
}

const Shape = z.tuple([z.iso.datetime(), z.uuid()]);

/** A cursor as callers carry it: opaque to them. */
export function writeCursor({ time, id }: Cursor): string {
  return Buffer.from(JSON.stringify([time, id])).toString('base64url');
}

/** Reads a cursor back; undefined for a text that is none. */
export function parseCursor(text: string): Cursor | undefined {
  try {
    const [time, id] = Shape.parse(JSON.parse(Buffer.from(text, 'base64url').toString()));
    return { time, id };
  } catch {
    return undefined;
  }
}
