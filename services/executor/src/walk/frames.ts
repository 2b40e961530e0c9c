import { runEmitted } from '@causeway/contracts';
import type { FrameReplay, RunEnvelope } from '@causeway/contracts';
import type { Json } from '@causeway/dag';
import { Bus, Cache, SealedKind, Vault, cacheKey, log } from '@causeway/platform';
import { Injectable } from '@nestjs/common';
import { UnfinishedMessages } from '../domain/chats/unfinished-messages.js';

/** How often the replay is stored: a reader who joins later misses at most the frames of this time. */
const KEEP_EVERY_MS = 100;
/** A run's replay is kept for so long after its last frame, so that it outlives pauses between frames. */
const KEEP_LONGER_MS = 60_000;

/** Sends the frames of one attempt. */
export interface Outlet {
  emit(event: string, data: Json): void;
  /** The run has ended or been taken over: no more frames will come. */
  close(): void;
}

/**
 * Shows the events of a run while they happen. Frames may be lost; the part that readers who join later need is kept in Redis, where
 * it may be lost as well.
 */
@Injectable()
export class Frames {
  constructor(
    private readonly bus: Bus,
    private readonly cache: Cache,
    private readonly vault: Vault,
  ) {}

  /** Opens an attempt's outlet; its frames are numbered from 1. @param lastSeq  returns the number of the last durable event */
  open(envelope: RunEnvelope, epoch: number, lastSeq: () => number): Outlet {
    const { organisationId, teamId, runId, limits } = envelope;
    const key = cacheKey(organisationId, teamId, 'frames', runId);
    const place = { organisationId, kind: SealedKind.run, id: runId, part: 'frames' };
    const messages = new UnfinishedMessages();
    let n = 0;
    let timer: NodeJS.Timeout | undefined;
    const keep = (forMs: number): void => {
      timer = undefined;
      const replay: FrameReplay = { epoch, n, unfinished: messages.list() };
      this.vault.seal(JSON.stringify(replay), place).then(
        (sealed) => this.cache.set(key, sealed, forMs),
        (error: unknown) => log.failure(error, 'frames not kept'),
      );
    };
    return {
      emit: (event, data) => {
        this.bus.publish(runEmitted, { runId, epoch, n: ++n, seq: lastSeq(), event, data }, runId);
        messages.take(event, data);
        timer ??= setTimeout(keep, KEEP_EVERY_MS, limits.timeoutMs + KEEP_LONGER_MS);
      },
      close: () => {
        if (!timer) return;
        clearTimeout(timer);
        keep(KEEP_LONGER_MS);
      },
    };
  }
}
