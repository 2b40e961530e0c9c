import type { Principal } from '@causeway/contracts';

/** With which key something is made, and by which person, whatever they use: it ends, or stops working, with them. */
export function makerOf({ kind, id, keyId }: Principal): {
  madeById: string | null;
  madeByUserId: string | null;
} {
  return { madeById: keyId ?? null, madeByUserId: kind === 'user' ? id : null };
}
