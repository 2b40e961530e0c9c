import { Injectable } from '@nestjs/common';
import type { CallHandler, ExecutionContext, NestInterceptor } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { type Observable, finalize } from 'rxjs';
import { getCall } from './call.js';

/** Tells a request's memory from when to when a handler, and the parsing before it, uses what is counted. */
@Injectable()
export class MemoryUseInterceptor implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const { memory } = getCall(context.switchToHttp().getRequest<FastifyRequest>());
    return next.handle().pipe(finalize(memory.use()));
  }
}
