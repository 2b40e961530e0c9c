import { causewayError } from '@causeway/contracts';
import { SETTINGS, environmentName } from '@causeway/platform';
import { Inject, Injectable } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import type { Settings } from '../../config.js';
import { MemoryBudget } from '../../domain/memory-budget.js';

/**
 * The memory that requests use, of all callers together and of each key: their bodies from the first byte, or from the declared
 * length, and what is kept of an answer that is not on its way yet.
 */
@Injectable()
export class Memory {
  private readonly bodies: MemoryBudget;

  constructor(@Inject(SETTINGS) settings: Pick<Settings, 'maxBodiesBytes' | 'maxFlowBytes'>) {
    this.bodies = new MemoryBudget({
      mostBytes: settings.maxBodiesBytes,
      largestBytes: settings.maxFlowBytes,
      limitName: environmentName('maxBodiesBytes'),
      isFull: 'BODIES_FULL',
      isFullForKey: 'KEY_BODIES_FULL',
    });
  }

  /** What a request of this key will use. */
  of(key: string, reply: FastifyReply): CallMemory {
    return new CallMemory(key, reply, this.bodies);
  }
}

/**
 * The memory that one request uses. It counts until the request is answered, or its caller has left, and its handler has ended: a run
 * that is waited for keeps what it was given, and what is asked of other services is kept for a caller who has left, too.
 */
export class CallMemory {
  private handlers = 0;
  private isAnswered: boolean;
  private bodyBytes = 0;

  constructor(
    private readonly key: string,
    reply: FastifyReply,
    private readonly bodies: MemoryBudget,
  ) {
    // Node says it once: a caller may have left before.
    this.isAnswered = reply.raw.destroyed;
    reply.raw.once('close', () => {
      this.isAnswered = true;
      this.releaseIfOver();
    });
  }

  /**
   * Counts bytes of the body.
   *
   * @throws CausewayError KEY_BODIES_FULL, BODIES_FULL; REQUEST_INVALID once nobody waits for an answer
   */
  addBody(bytes: number): void {
    if (this.isAnswered) throw callerLeft();
    this.bodies.take(this.key, bytes);
    this.bodyBytes += bytes;
  }

  /** A handler begins to use what is counted. @returns what to call when it has ended */
  use(): () => void {
    this.handlers++;
    return () => {
      this.handlers--;
      this.releaseIfOver();
    };
  }

  private releaseIfOver(): void {
    if (!this.isAnswered || this.handlers > 0) return;
    this.bodies.giveBack(this.key, this.bodyBytes);
    this.bodyBytes = 0;
  }
}

function callerLeft(): Error {
  return causewayError('REQUEST_INVALID', { problems: 'the caller left before the request was complete' });
}
