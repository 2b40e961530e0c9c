import { randomFillSync } from 'node:crypto';

const BYTES = 10;
const random = Buffer.alloc(BYTES * 512);
let used = random.length;
let lastMs = 0;
let sequence = 0;

/**
 * A UUID v7. Ids grow with time, also within one millisecond of a process.
 * Source: RFC 9562, section 5.7, with the 12 bits after the time as a counter (section 6.2, method 1).
 */
export function newId(): string {
  const bits = randomHex();
  const nowMs = Date.now();
  if (nowMs > lastMs) {
    lastMs = nowMs;
    // Starts in the lower half, so that a millisecond has room for 2048 ids.
    sequence = Number.parseInt(bits.slice(16, 19), 16) >> 1;
  } else if (++sequence > 0xfff) {
    // There are more ids than fit into the millisecond, or the clock was set back: use the next millisecond, so that ids never decrease.
    lastMs += 1;
    sequence = 0;
  }
  const time = lastMs.toString(16).padStart(12, '0');
  const count = sequence.toString(16).padStart(3, '0');
  const variant = ((Number.parseInt(bits.charAt(0), 16) & 0x3) | 0x8).toString(16);
  return `${time.slice(0, 8)}-${time.slice(8)}-7${count}-${variant}${bits.slice(1, 4)}-${bits.slice(4, 16)}`;
}

/** The lowest UUID v7 of a time: every id made before it is lower. @param ms  Unix time in milliseconds */
export function firstIdAt(ms: number): string {
  const time = Math.floor(ms).toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-000000000000`;
}

function randomHex(): string {
  if (used === random.length) {
    randomFillSync(random);
    used = 0;
  }
  used += BYTES;
  return random.toString('hex', used - BYTES, used);
}
