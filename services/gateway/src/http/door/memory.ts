import { causewayError } from '@causeway/contracts';
import { SETTINGS, environmentName } from '@causeway/platform';
import { Inject, Injectable } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import type { Settings } from '../../config.js';
import { MemoryBudget } from '../../domain/memory-budget.js';

/**
 * The memory that requests use, of all callers together and of each key: their bodies from the first byte, or from the declared
 * length, and the part of an answer that is kept in memory before it is sent.
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

  /** The memory of a new request of this key. */
  of(key: string, reply: FastifyReply): CallMemory {
    return new CallMemory(key, reply, this.bodies);
  }
}

/**
 * The memory that one request uses. It counts until two things have happened: the request is answered or its caller has
 * left, and its handler has ended. A handler that waits for a run keeps the run's input, and requests to other services continue after the caller has left.
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
    // Node emits the event once, and a caller may have left earlier.
    this.isAnswered = reply.raw.destroyed;
    reply.raw.once('close', () => {
      this.isAnswered = true;
      this.releaseIfOver();
    });
  }

  /**
   * Counts bytes of the body.
   *
   * @throws CausewayError KEY_BODIES_FULL, BODIES_FULL; REQUEST_INVALID once the caller has left
   */
  addBody(bytes: number): void {
    if (this.isAnswered) throw callerLeft();
    this.bodies.take(this.key, bytes);
    this.bodyBytes += bytes;
  }

  /** Call it when a handler begins to use the counted memory. @returns a function to call when the handler has ended */
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
