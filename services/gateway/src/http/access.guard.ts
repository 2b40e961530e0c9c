import { causewayError, permissionsOf } from '@causeway/contracts';
import type { Principal, Route } from '@causeway/contracts';
import { DEFAULT_ORGANISATION_ID, DEFAULT_TEAM_ID } from '@causeway/contracts';
import { currentContext, extendContext } from '@causeway/platform';
import { Injectable } from '@nestjs/common';
import type { CanActivate, ExecutionContext } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Identity } from '../operations/identity.js';
import { Refusals } from '../operations/refusals.js';
import { checkPermitted, setCall } from './call.js';
import { ROUTE } from './serve.js';

/** Who calls a public route. */
const anonymous: Principal = {
  kind: 'anonymous',
  id: 'anonymous',
  name: 'anonymous',
  organisationId: DEFAULT_ORGANISATION_ID,
  teamId: DEFAULT_TEAM_ID,
  permissions: [],
};

/** The one place where the gateway decides who calls and whether they may. A handler without a declared route is refused. */
@Injectable()
export class AccessGuard implements CanActivate {
  constructor(
    private readonly identity: Identity,
    private readonly refusals: Refusals,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const reply = context.switchToHttp().getResponse<FastifyReply>();
    const route = Reflect.getMetadata(ROUTE, context.getHandler()) as Route | undefined;
    if (!route)
      throw causewayError('ROUTE_UNKNOWN', { method: request.method, path: request.url.split('?')[0] ?? '' });

    const principal = route.permission === 'public' ? anonymous : await this.admit(route, request);
    extendContext({ organisationId: principal.organisationId, teamId: principal.teamId });
    setCall(request, {
      route,
      principal,
      requestId: currentContext().requestId ?? request.id,
      address: request.ip,
      request,
      reply,
    });
    return true;
  }

  private async admit(route: Route, request: FastifyRequest): Promise<Principal> {
    let principal: Principal | undefined;
    try {
      principal = await this.identity.verify(presentedKey(request));
      checkPermitted(principal, permissionsOf(route));
      return principal;
    } catch (error) {
      this.refusals.note(error, route, { request, principal: principal ?? anonymous });
      throw error;
    }
  }
}

/** The key as Langflow's clients send it: header `x-api-key`, or query `x-api-key`. */
function presentedKey(request: FastifyRequest): string | undefined {
  const header = request.headers['x-api-key'];
  if (typeof header === 'string' && header !== '') return header;
  const query = (request.query as Record<string, unknown>)['x-api-key'];
  return typeof query === 'string' && query !== '' ? query : undefined;
}
