import { createHmac } from 'node:crypto';
import { type Checkpoint, addToDigest } from '@causeway/audit-chain';
import { causewayError, isSameSecret } from '@causeway/contracts';
import { z } from 'zod';

const State = z.object({
  /** The export that it belongs to: its scope and filter. */
  of: z.string(),
  /** The last number that was looked at, and the last one that there was at the beginning. */
  seq: z.number().int(),
  upTo: z.number().int(),
  count: z.number().int(),
  lastSeq: z.number().int(),
  lastCheckpoint: z.number().int().nullable(),
  digest: z.string(),
});

/** How far an export has come: what its signed end says so far. */
export type ExportState = z.infer<typeof State>;

/** The state behind one more event. */
export function withEvent(
  state: ExportState,
  { seq, hash }: { readonly seq: number; readonly hash: string },
): ExportState {
  return { ...state, count: state.count + 1, lastSeq: seq, digest: addToDigest(state.digest, hash) };
}

/** The state behind one more checkpoint. */
export function withCheckpoint(state: ExportState, { number }: Checkpoint): ExportState {
  return { ...state, lastCheckpoint: number };
}

/** A state as the text with which the caller asks for the next part: authenticated, since the end of the export is signed with what it says. */
export function writeCursor(state: ExportState, secret: Buffer): string {
  const text = Buffer.from(JSON.stringify(state)).toString('base64url');
  return `${text}.${macOf(text, secret).toString('base64url')}`;
}

/** @throws CausewayError REQUEST_INVALID for a text that `writeCursor` has not written for this export */
export function parseCursor(cursor: string, of: string, secret: Buffer): ExportState {
  const [text = '', mac = ''] = cursor.split('.');
  if (isSameSecret(Buffer.from(mac, 'base64url'), macOf(text, secret))) {
    const state = State.parse(JSON.parse(Buffer.from(text, 'base64url').toString()));
    if (state.of === of) return state;
  }
  throw causewayError('REQUEST_INVALID', {
    problems:
      'query.after: it is not a cursor of this export: pass back the last one with the same filters, or begin anew',
  });
}

function macOf(text: string, secret: Buffer): Buffer {
  return createHmac('sha256', secret).update(`audit export cursor\n${text}`).digest();
}
