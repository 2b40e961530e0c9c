import { write, writeSync } from 'node:fs';

/** Most bytes that wait to be written; above it, whole lines are dropped. */
const MOST_WAITING_BYTES = 4 * 1024 ** 2;
/** Waiting lines are written together, in blocks of up to this size. */
const BLOCK_BYTES = 64 * 1024;
const RETRY_MS = 250;
/** How long a reader that takes nothing is awaited at the end of the process, where the system reports that it would have to wait. */
const FLUSH_WITHIN_MS = 1_000;
const NOTHING = Buffer.alloc(0);

/**
 * Writes lines to a file descriptor without blocking the process. Lines that cannot be written, for example on a full disk, are kept and tried again;
 * the memory for it is bounded, and lines above the bound are dropped and counted.
 */
export class LogOutput {
  /** Lines that were dropped since the process started. */
  dropped = 0;
  readonly #fd: number;
  readonly #tell: (lines: number) => void;
  /** Waiting lines, in blocks. */
  readonly #blocks: { text: string; bytes: number }[] = [];
  #waitingBytes = 0;
  /** The rest of the block that is being written. */
  #rest: Buffer = NOTHING;
  #isInFlight = false;
  #retry: NodeJS.Timeout | undefined;
  #untold = 0;

  /** @param tell  is called with the number of dropped lines once there is room again */
  constructor(fd: number, tell: (lines: number) => void) {
    this.#fd = fd;
    this.#tell = tell;
  }

  /** @param line  with its line feed */
  write(line: string): void {
    const bytes = Buffer.byteLength(line);
    if (this.#waitingBytes + bytes > MOST_WAITING_BYTES) {
      this.dropped += 1;
      this.#untold += 1;
      return;
    }
    this.#waitingBytes += bytes;
    const last = this.#blocks.at(-1);
    if (last && last.bytes + bytes <= BLOCK_BYTES) {
      last.text += line;
      last.bytes += bytes;
    } else this.#blocks.push({ text: line, bytes });
    if (!this.#isInFlight && !this.#retry) this.#writeNext();
  }

  /** Writes the waiting lines if they can be written; for the end of a process. The system completes writes under way. */
  flushSync(): void {
    clearTimeout(this.#retry);
    this.#retry = undefined;
    const parts = this.#blocks.splice(0).map(({ text }) => Buffer.from(text));
    this.#waitingBytes = 0;
    let rest = Buffer.concat(this.#isInFlight ? parts : [this.#rest, ...parts]);
    if (!this.#isInFlight) this.#rest = NOTHING;
    const until = Date.now() + FLUSH_WITHIN_MS;
    while (rest.length > 0) {
      try {
        rest = rest.subarray(writeSync(this.#fd, rest));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EAGAIN' || Date.now() > until) return;
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
      }
    }
  }

  #writeNext(): void {
    if (this.#rest.length === 0) {
      const block = this.#blocks.shift();
      if (!block) return;
      this.#waitingBytes -= block.bytes;
      this.#rest = Buffer.from(block.text);
    }
    this.#isInFlight = true;
    write(this.#fd, this.#rest, (error, written) => {
      this.#isInFlight = false;
      if (error) {
        this.#retry = setTimeout(() => {
          this.#retry = undefined;
          this.#writeNext();
        }, RETRY_MS).unref();
        return;
      }
      this.#rest = this.#rest.subarray(written);
      this.#writeNext();
      // Last, since what is told is a line itself: it must find the next write begun.
      this.#tellDropped();
    });
  }

  #tellDropped(): void {
    const lines = this.#untold;
    this.#untold = 0;
    if (lines > 0) this.#tell(lines);
  }
}
