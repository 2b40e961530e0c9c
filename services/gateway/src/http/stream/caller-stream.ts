import type { Call } from '../door/call.js';

type Reply = Call['reply'];

/** A reader for whom more than this waits must go on reading… */
const PATIENT_BYTES = 16 * 1024 ** 2;
/** …and is disconnected after taking nothing for so long. */
const PATIENCE_MS = 10_000;
/** When this much waits, the reader is disconnected before anything is added: it may be reading, but too slowly for what happens. */
const MOST_BYTES = 64 * 1024 ** 2;
/** What waits for all readers together: beyond it, those go for whom more than their share waits. */
const MOST_BYTES_OF_ALL = 256 * 1024 ** 2;
/** Long texts leave in pieces of this size: each piece that is taken shows that somebody reads. */
const PIECE_BYTES = 256 * 1024;

/** How long a slow reader is waited for; given by tests. */
export interface Patience {
  readonly patientBytes: number;
  readonly patienceMs: number;
  readonly mostBytes: number;
  /** Who waits together. */
  readonly readers?: Readers;
}

/** What waits for several readers together. */
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

  /** True when too much waits in all, and more for this one than for others. */
  isTooMuch(waitingBytes: number): boolean {
    return this.bytes > this.mostBytes && waitingBytes > this.mostBytes / this.count;
  }
}

const everybody = new Readers(MOST_BYTES_OF_ALL);

/**
 * An answer that is written while things happen, however long one piece of it is. A slow reader costs a bounded amount of memory.
 * A caller may have left before the stream was made; that counts as having left.
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
      // Node says it once: whoever left before is not told of again.
      if (this.raw.destroyed) leave();
      else this.raw.once('close', leave);
    });
  }

  get hasLeft(): boolean {
    return this.raw.destroyed;
  }

  /** Sends the head of the answer, with the headers that the reply has by now. */
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

  /** Writes a text now and then, when nothing else is under way. */
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

  /** Ends the answer once everything has been taken. */
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
