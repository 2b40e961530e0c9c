import { causewayError } from '@causeway/contracts';
import { SETTINGS, environmentName, gauge } from '@causeway/platform';
import { Inject, Injectable } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import type { Settings } from '../../config.js';
import { MemoryBudget } from '../../domain/limits/memory-budget.js';

/** Most bytes of JSON of a list that is kept in memory as a whole until it is sorted. */
export const MOST_LISTED_BYTES = 32 * 1024 ** 2;

/**
 * The memory that requests use, of all callers together and of each key: their bodies from the first byte, or from the declared
 * length, and the part of their answers that is kept in memory until it is sent.
 */
@Injectable()
export class Memory {
  private readonly bodies: MemoryBudget;
  private readonly answers: MemoryBudget;

  constructor(
    @Inject(SETTINGS) settings: Pick<Settings, 'maxBodiesBytes' | 'maxAnswersBytes' | 'maxFlowBytes'>,
  ) {
    this.bodies = new MemoryBudget({
      mostBytes: settings.maxBodiesBytes,
      largestBytes: settings.maxFlowBytes,
      limitName: environmentName('maxBodiesBytes'),
      isFull: 'BODIES_FULL',
      isFullForKey: 'KEY_BODIES_FULL',
    });
    this.answers = new MemoryBudget({
      mostBytes: settings.maxAnswersBytes,
      largestBytes: Math.max(settings.maxFlowBytes, MOST_LISTED_BYTES),
      limitName: environmentName('maxAnswersBytes'),
      isFull: 'ANSWERS_FULL',
      isFullForKey: 'KEY_ANSWERS_FULL',
    });
    gauge(
      'causeway_gateway_bodies_bytes',
      'Memory of request bodies that is counted now.',
      () => this.bodies.bytes,
    );
    gauge(
      'causeway_gateway_answers_bytes',
      'Memory of answers that is counted now.',
      () => this.answers.bytes,
    );
  }

  /** The memory of a new request of this key. */
  of(key: string, reply: FastifyReply): CallMemory {
    return new CallMemory(reply, new UsedMemory(this.bodies, key), new UsedMemory(this.answers, key));
  }
}

/**
 * The memory that one request uses. It counts until two things have happened: the request is answered or its caller has
 * left, and its handler has ended. A handler that waits for a run keeps the run's input, and requests to other services continue after the caller has left.
 */
export class CallMemory {
  private handlers = 0;

  constructor(
    reply: FastifyReply,
    readonly body: UsedMemory,
    readonly answer: UsedMemory,
  ) {
    const end = (): void => {
      body.end();
      answer.end();
      this.releaseIfOver();
    };
    // Node emits the event once, and a caller may have left earlier.
    if (reply.raw.destroyed) end();
    else reply.raw.once('close', end);
  }

  /** Call it when a handler, or the parsing before it, begins to use the counted memory, and `end` when it has ended. */
  begin(): void {
    this.handlers++;
  }

  end(): void {
    this.handlers--;
    this.releaseIfOver();
  }

  private releaseIfOver(): void {
    if (!this.body.hasEnded || this.handlers > 0) return;
    this.body.giveBack();
    this.answer.giveBack();
  }
}

/** The part of a budget that one request uses. */
export class UsedMemory {
  private bytes = 0;
  private isOver = false;

  constructor(
    private readonly budget: MemoryBudget,
    private readonly key: string,
  ) {}

  get hasEnded(): boolean {
    return this.isOver;
  }

  /**
   * Counts bytes that are about to be used.
   *
   * @throws CausewayError when the budget, or the key's share of it, is used up; REQUEST_INVALID once the caller has left
   */
  add(bytes: number): void {
    if (this.isOver)
      throw causewayError('REQUEST_INVALID', { problems: 'the caller left before the request was complete' });
    this.budget.take(this.key, bytes);
    this.bytes += bytes;
  }

  /** Counts bytes that cannot be refused any longer: others are refused instead. */
  note(bytes: number): void {
    if (this.isOver) return;
    this.budget.note(this.key, bytes);
    this.bytes += bytes;
  }

  /** Gives back bytes before the request is over. @param bytes all of them by default */
  giveBack(bytes = this.bytes): void {
    // A stream that ends after the request has no bytes left to give back.
    const given = Math.min(bytes, this.bytes);
    this.bytes -= given;
    this.budget.giveBack(this.key, given);
  }

  /** From now on nothing more is counted. */
  end(): void {
    this.isOver = true;
  }
}
