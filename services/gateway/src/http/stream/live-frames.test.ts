import type { FrameReplay, RunFrame } from '@causeway/contracts';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { LiveFrames } from './live-frames.js';

const runId = '01a20000-0000-7000-8000-000000000001';

function token(n: number, epoch = 1): RunFrame {
  return { runId, epoch, n, seq: 3, event: 'token', data: { id: 'm', chunk: `${epoch}.${n} ` } };
}

function kept(n: number, text: string, epoch = 1): FrameReplay {
  return { epoch, n, unfinished: text === '' ? [] : [{ message: { id: 'm', text: '' }, text }] };
}

/** A reader, and the replay that each of its reads finds; later reads find the last one. */
function reader(...replays: readonly (FrameReplay | undefined)[]) {
  const told: string[] = [];
  let reads = 0;
  const frames = new LiveFrames(
    {
      frame: (event, _n, data) => told.push(event === 'token' ? (data as { chunk: string }).chunk : event),
      gap: (missed) => told.push(`gap of ${missed}`),
    },
    () => Promise.resolve(replays[Math.min(reads++, replays.length - 1)]),
  );
  return { frames, told };
}

vi.useFakeTimers();
afterAll(() => void vi.useRealTimers());
/** Long enough for all reads. */
const settle = (): Promise<unknown> => vi.advanceTimersByTimeAsync(400);

describe('a reader who joins at the start', () => {
  it('gets each frame once, in order', async () => {
    const { frames, told } = reader(undefined);
    await frames.begin();
    for (const n of [1, 2, 2, 1, 3]) frames.take(token(n));
    expect(told).toEqual(['1.1 ', '1.2 ', '1.3 ']);
  });

  it('gets the message again from its beginning when a frame was lost', async () => {
    const { frames, told } = reader(undefined, kept(4, 'all up to 4 '));
    await frames.begin();
    frames.take(token(1));
    frames.take(token(4));
    frames.take(token(5));
    await settle();
    expect(told).toEqual(['1.1 ', 'add_message', 'all up to 4 ', '1.5 ']);
  });

  it('gets a gap event when no replay is kept either', async () => {
    const { frames, told } = reader(undefined);
    await frames.begin();
    frames.take(token(1));
    frames.take(token(4));
    frames.take(token(5));
    await settle();
    expect(told).toEqual(['1.1 ', 'gap of 2', '1.4 ', '1.5 ']);
  });

  it('follows a new attempt from its first frame, and gets no more frames of the old one', async () => {
    const { frames, told } = reader(undefined);
    await frames.begin();
    frames.take(token(1));
    frames.take(token(1, 2));
    frames.take(token(2, 1));
    frames.take(token(2, 2));
    expect(told).toEqual(['1.1 ', '2.1 ', '2.2 ']);
  });
});

describe('a reader who joins in the middle', () => {
  it('gets the current message as one piece, then the following frames', async () => {
    const { frames, told } = reader(kept(7, 'seven so far '));
    frames.take(token(7));
    frames.take(token(8));
    await frames.begin();
    frames.take(token(9));
    expect(told).toEqual(['add_message', 'seven so far ', '1.8 ', '1.9 ']);
  });

  it('waits until the replay reaches the frames that have arrived', async () => {
    const { frames, told } = reader(kept(3, 'old '), kept(3, 'old '), kept(6, 'new '));
    await frames.begin();
    frames.take(token(6));
    frames.take(token(7));
    await settle();
    expect(told).toEqual(['add_message', 'old ', 'add_message', 'new ', '1.7 ']);
  });

  it('gets a gap event when the replay is lost', async () => {
    const { frames, told } = reader(undefined);
    await frames.begin();
    frames.take(token(5));
    await settle();
    expect(told).toEqual(['gap of 4', '1.5 ']);
  });

  it('gets none when no message was being written', async () => {
    const { frames, told } = reader(kept(4, ''));
    await frames.begin();
    frames.take(token(5));
    expect(told).toEqual(['1.5 ']);
  });

  it('gets the current attempt, even if the replay of an older one is kept', async () => {
    const { frames, told } = reader(kept(9, 'of the old attempt '));
    await frames.begin();
    frames.take(token(1, 2));
    expect(told).toEqual(['add_message', 'of the old attempt ', '2.1 ']);
  });
});

it('nothing is sent to a reader who has left', async () => {
  const { frames, told } = reader(kept(1, 'x'));
  frames.close();
  await frames.begin();
  frames.take(token(2));
  expect(told).toEqual([]);
});
