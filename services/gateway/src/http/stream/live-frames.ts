import type { FrameReplay, RunFrame } from '@causeway/contracts';

/** Where a reader's live events go. */
export interface LiveOut {
  frame(event: string, n: number, data: unknown): void;
  /** Frames were lost, and what is kept of them as well. */
  gap(missed: number): void;
}

/** How often, and how many times, what is kept is read until it reaches the frames that have come: it is written a moment later. */
const READ_AGAIN_MS = 100;
const READS = 4;
/** Frames held back meanwhile. */
const MOST_HELD = 1_000;

/**
 * Puts a run's live frames in order for one reader who came in the middle, or lost some. The first frame that the reader sees of an attempt must
 * be its first one, or follow what is kept of those before it; each next one must follow the last. When one is missing, unfinished
 * messages begin anew with all of their text so far; when nothing is kept, the reader gets a gap.
 */
export class LiveFrames {
  #epoch = 0;
  #n = 0;
  #held: RunFrame[] = [];
  /** Frames are held back: before the beginning, and while a hole is filled. */
  #isHolding = true;
  #isClosed = false;

  /** @param readReplay  what is kept now; undefined when nothing is */
  constructor(
    private readonly out: LiveOut,
    private readonly readReplay: () => Promise<FrameReplay | undefined>,
  ) {}

  /** Shows the messages that are under way now. Frames that come meanwhile are held back. */
  async begin(): Promise<void> {
    const replay = await this.readReplay();
    if (replay) this.#show(replay);
    this.#isHolding = false;
    this.#next();
  }

  take(frame: RunFrame): void {
    if (this.#isClosed || frame.epoch < this.#epoch) return;
    // The oldest one makes a hole, which is filled from what is kept.
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

  /** Fills the hole before `frame` from what is kept, or says that there is one. */
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
