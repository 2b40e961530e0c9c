import { causewayError, permissionsOf } from '@causeway/contracts';
import type { Route } from '@causeway/contracts';
import { currentContext, extendContext } from '@causeway/platform';
import { Injectable } from '@nestjs/common';
import type { CanActivate, ExecutionContext } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Identity } from '../operations/identity.js';
import { anonymous, checkPermitted, presentedKey, setCall } from './call.js';
import { ROUTE } from './serve.js';

/** The one place where the gateway decides who calls and whether they may. A handler without a declared route is refused. */
@Injectable()
export class AccessGuard implements CanActivate {
  constructor(private readonly identity: Identity) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const reply = context.switchToHttp().getResponse<FastifyReply>();
    const route = Reflect.getMetadata(ROUTE, context.getHandler()) as Route | undefined;
    if (!route)
      throw causewayError('ROUTE_UNKNOWN', { method: request.method, path: request.url.split('?')[0] ?? '' });

    const requestId = currentContext().requestId ?? request.id;
    const call = { route, principal: anonymous, requestId, address: request.ip, request, reply };
    setCall(request, call);
    if (route.permission !== 'public') {
      const principal = await this.identity.verify(presentedKey(request));
      setCall(request, { ...call, principal });
      const { organisationId, teamId } = principal;
      extendContext({ organisationId, teamId });
      checkPermitted(principal, permissionsOf(route));
    }
    return true;
  }
}
