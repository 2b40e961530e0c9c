import { Injectable } from '@nestjs/common';
import type { CallHandler, ExecutionContext, NestInterceptor } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { type Observable, finalize } from 'rxjs';
import { getCall } from './call.js';

/** Reports to a request's memory when a handler, with the parsing before it, begins and ends to use the counted memory. */
@Injectable()
export class MemoryUseInterceptor implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const { memory } = getCall(context.switchToHttp().getRequest<FastifyRequest>());
    return next.handle().pipe(finalize(memory.use()));
  }
}
