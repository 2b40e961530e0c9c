import type { FrameReplay, RunFrame } from '@causeway/contracts';

/** Receives a reader's live events. */
export interface LiveOut {
  frame(event: string, n: number, data: unknown): void;
  /** Frames were lost, and so was their replay. */
  gap(missed: number): void;
}

/** Interval and number of reads of the replay until it reaches the frames that have arrived: it is written a moment after them. */
const READ_AGAIN_MS = 100;
const READS = 4;
/** Most frames that are held back meanwhile. */
const MOST_HELD = 1_000;

/**
 * Puts a run's live frames in order for one reader who joined in the middle or lost some. The first frame of an attempt that the reader
 * gets must be the attempt's first one, or the one after the kept replay; each next frame must follow the last. When one is missing,
 * unfinished messages begin again with all of their text so far; without a replay the reader gets a gap event.
 */
export class LiveFrames {
  #epoch = 0;
  #n = 0;
  #held: RunFrame[] = [];
  /** True while frames are held back: before the beginning, and while missing frames are recovered. */
  #isHolding = true;
  #isClosed = false;

  /** @param readReplay  reads the kept replay; undefined when there is none */
  constructor(
    private readonly out: LiveOut,
    private readonly readReplay: () => Promise<FrameReplay | undefined>,
  ) {}

  /** Sends the messages that are being written now. Frames that arrive meanwhile are held back. */
  async begin(): Promise<void> {
    const replay = await this.readReplay();
    if (replay) this.#show(replay);
    this.#isHolding = false;
    this.#next();
  }

  take(frame: RunFrame): void {
    if (this.#isClosed || frame.epoch < this.#epoch) return;
    // The oldest frame is dropped; it then counts as missing and is recovered from the replay.
    if (this.#held.length >= MOST_HELD) this.#held.shift();
    this.#held.push(frame);
    if (!this.#isHolding) this.#next();
  }

  close(): void {
    this.#isClosed = true;
    this.#held = [];
  }

  #next(): void {
    while (this.#held.length > 0 && !this.#isClosed) {
      const frame = this.#held[0] as RunFrame;
      const isNewer = frame.epoch > this.#epoch;
      const last = isNewer ? 0 : this.#n;
      if (frame.epoch === this.#epoch ? frame.n <= last : !isNewer) this.#held.shift();
      else if (frame.n === last + 1) this.#write(this.#held.shift() as RunFrame);
      else return void this.#recover(frame, last);
    }
  }

  #write({ epoch, n, event, data }: RunFrame): void {
    this.#epoch = epoch;
    this.#n = n;
    this.out.frame(event, n, data);
  }

  /** Recovers the frames that are missing before `frame` from the replay, or sends a gap event. */
  async #recover(frame: RunFrame, last: number): Promise<void> {
    this.#isHolding = true;
    let replay: FrameReplay | undefined;
    for (let read = 0; read < READS && !this.#isClosed; read++) {
      if (read > 0) await new Promise((resolve) => setTimeout(resolve, READ_AGAIN_MS));
      replay = await this.readReplay();
      if (replay && reaches(replay, frame)) break;
    }
    if (replay && reaches(replay, frame)) this.#show(replay);
    else {
      this.out.gap(frame.n - 1 - last);
      this.#epoch = frame.epoch;
      this.#n = frame.n - 1;
    }
    this.#isHolding = false;
    this.#next();
  }

  #show({ epoch, n, unfinished }: FrameReplay): void {
    if (this.#isClosed) return;
    this.#epoch = epoch;
    this.#n = n;
    for (const { message, text } of unfinished) {
      this.out.frame('add_message', n, message);
      if (text !== '') this.out.frame('token', n, { chunk: text, id: (message as { id?: unknown }).id });
    }
  }
}

function reaches(replay: FrameReplay, frame: RunFrame): boolean {
  return replay.epoch > frame.epoch || (replay.epoch === frame.epoch && replay.n >= frame.n - 1);
}
