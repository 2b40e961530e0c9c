import { permissionsOf } from '@causeway/contracts';
import type { CausewayError } from '@causeway/dag';
import { currentContext } from '@causeway/platform';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyRequest } from 'fastify';
import { isRefusal } from '../../domain/refusal.js';
import { Refusals } from '../../operations/refusals.js';
import { anonymous, callerFor, findCall } from './call.js';

/** Is called with every error that is answered, whatever has thrown it, and reports the refusals among them to the audit log. */
export function noteRefusals(
  app: NestFastifyApplication,
): (error: CausewayError, request: FastifyRequest) => void {
  const refusals = app.get(Refusals);
  return ({ code, message }, request) => {
    const call = findCall(request);
    const startsRuns = call !== undefined && permissionsOf(call.route).includes('flow:run');
    if (!isRefusal(code, { startsRuns, hasRun: currentContext().runId !== undefined })) return;
    // Without a call the route does not exist.
    const caller = call ?? {
      ...callerFor(anonymous),
      requestId: currentContext().requestId ?? request.id,
      address: request.ip,
    };
    const route = { type: 'route', id: `${request.method} ${call?.route.path ?? 'unknown'}` };
    refusals.note(code, {
      caller,
      userAgent: request.headers['user-agent'],
      object: call?.object ?? route,
      ...(code === 'SIGN_IN_REFUSED' && { reason: message }),
    });
  };
}
