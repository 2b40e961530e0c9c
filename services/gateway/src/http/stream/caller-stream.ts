import type { Call } from '../door/call.js';

type Reply = Call['reply'];

/** While more than this waits for a reader, the reader must keep reading. */
const PATIENT_BYTES = 16 * 1024 ** 2;
/** Such a reader is disconnected after reading nothing for so long. */
const PATIENCE_MS = 10_000;
/** When this much waits, the reader is disconnected before more is added, even if it reads: it reads too slowly. */
const MOST_BYTES = 64 * 1024 ** 2;
/** Most bytes that wait for all readers together: above it, readers with more than their share are disconnected. */
const MOST_BYTES_OF_ALL = 256 * 1024 ** 2;
/** Long texts are sent in pieces of this size: each piece that is read shows that the reader is active. */
const PIECE_BYTES = 256 * 1024;

/** The limits for slow readers; tests set their own. */
export interface Patience {
  readonly patientBytes: number;
  readonly patienceMs: number;
  readonly mostBytes: number;
  /** The readers that share one limit. */
  readonly readers?: Readers;
}

/** Counts the bytes that wait for several readers together. */
export class Readers {
  private bytes = 0;
  private count = 0;

  constructor(private readonly mostBytes: number) {}

  join(): void {
    this.count++;
  }

  leave(waitingBytes: number): void {
    this.count--;
    this.bytes -= waitingBytes;
  }

  add(bytes: number): void {
    this.bytes += bytes;
  }

  /** True when too much waits in total, and more than its share for this reader. */
  isTooMuch(waitingBytes: number): boolean {
    return this.bytes > this.mostBytes && waitingBytes > this.mostBytes / this.count;
  }
}

const everybody = new Readers(MOST_BYTES_OF_ALL);

/**
 * An answer that is written piece by piece; a piece may have any length. A slow reader uses a bounded amount of memory.
 * A caller who disconnected before the stream was created counts as having left.
 */
export class CallerStream {
  /** Settles when the caller has left. */
  readonly left: Promise<undefined>;
  private readonly raw: Reply['raw'];
  private queue: Buffer[] = [];
  private queuedBytes = 0;
  private isClosing = false;
  private readonly readers: Readers;
  private hasJoined = false;
  private heartbeat: NodeJS.Timeout | undefined;
  private impatience: NodeJS.Timeout | undefined;

  constructor(
    private readonly reply: Reply,
    private readonly patience: Patience = {
      patientBytes: PATIENT_BYTES,
      patienceMs: PATIENCE_MS,
      mostBytes: MOST_BYTES,
    },
  ) {
    this.raw = reply.raw;
    this.readers = patience.readers ?? everybody;
    this.readers.join();
    this.hasJoined = true;
    this.left = new Promise((resolve) => {
      const leave = (): void => (this.forget(), resolve(undefined));
      // Node emits the event once, so a caller who left earlier is found by this check.
      if (this.raw.destroyed) leave();
      else this.raw.once('close', leave);
    });
  }

  get hasLeft(): boolean {
    return this.raw.destroyed;
  }

  /** Sends the head of the answer, with the headers that the reply has at this moment. */
  open(): void {
    this.reply.hijack();
    if (this.hasLeft) return;
    this.raw.on('drain', () => this.drained());
    const headers = {
      ...this.reply.getHeaders(),
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache',
      'x-accel-buffering': 'no',
    };
    this.raw.writeHead(200, headers as Record<string, string>);
    this.raw.flushHeaders();
  }

  /** Writes a text at this interval while nothing else is waiting to be sent. */
  beat(text: string, everyMs: number): void {
    if (this.hasLeft) return;
    this.heartbeat = setInterval(() => {
      if (this.waitingBytes() === 0) this.write(text);
    }, everyMs);
  }

  write(text: string): void {
    if (this.hasLeft || this.isClosing) return;
    if (this.waitingBytes() > this.patience.mostBytes || this.readers.isTooMuch(this.queuedBytes))
      return void this.raw.destroy();
    const bytes = Buffer.from(text);
    this.queue.push(bytes);
    this.queuedBytes += bytes.length;
    this.readers.add(bytes.length);
    this.send();
    this.watch();
  }

  /** Ends the answer once the reader has read everything. */
  close(): void {
    clearInterval(this.heartbeat);
    if (this.isClosing) return;
    this.isClosing = true;
    this.send();
  }

  private send(): void {
    while (this.queue.length > 0 && !this.hasLeft && !this.raw.writableNeedDrain) {
      const first = this.queue.shift() as Buffer;
      if (first.length > PIECE_BYTES) this.queue.unshift(first.subarray(PIECE_BYTES));
      const piece = first.subarray(0, PIECE_BYTES);
      this.queuedBytes -= piece.length;
      this.readers.add(-piece.length);
      this.raw.write(piece);
    }
    if (this.isClosing && this.queue.length === 0 && !this.hasLeft) this.raw.end();
  }

  private drained(): void {
    clearTimeout(this.impatience);
    this.impatience = undefined;
    this.send();
    this.watch();
  }

  private watch(): void {
    if (this.waitingBytes() <= this.patience.patientBytes) return;
    this.impatience ??= setTimeout(() => this.raw.destroy(), this.patience.patienceMs);
  }

  private waitingBytes(): number {
    return this.queuedBytes + this.raw.writableLength;
  }

  private forget(): void {
    clearInterval(this.heartbeat);
    clearTimeout(this.impatience);
    if (this.hasJoined) this.readers.leave(this.queuedBytes);
    this.hasJoined = false;
    this.queue = [];
    this.queuedBytes = 0;
  }
}
