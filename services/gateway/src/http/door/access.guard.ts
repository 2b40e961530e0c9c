import { checkPermitted, holdsSomewhere } from '@causeway/authz';
import { causewayError, neededPermissions, permissionsOf, toWireError } from '@causeway/contracts';
import type { Principal, Route } from '@causeway/contracts';
import { currentContext, extendContext } from '@causeway/platform';
import { Injectable } from '@nestjs/common';
import type { CanActivate, ExecutionContext } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Credential } from '../../domain/keys/credential.js';
import { WrongKeys } from '../../domain/keys/wrong-keys.js';
import { Identity, isKeyRefused } from '../../operations/identity.js';
import { browserSession, presentedCredential } from './credential.js';
import { checkOwnPage } from './session-cookie.js';
import { type Call, anonymous, callerFor, findCall, keyOf, setCall } from './call.js';
import { findDeclared } from './declared-routes.js';
import { Memory } from './memory.js';
import { ROUTE } from './serve.js';

/**
 * The one place where the gateway identifies the caller and decides about permission: `enter`, before a byte of the body is read. As
 * Nest's guard it lets pass only requests for which `enter` has run: a handler without a declared route is refused.
 */
@Injectable()
export class AccessGuard implements CanActivate {
  private readonly wrongKeys = new WrongKeys();

  constructor(
    private readonly identity: Identity,
    private readonly memory: Memory,
  ) {}

  /** Finds the route and the caller, and checks the permission. Throws ROUTE_UNKNOWN, or the error that refuses the caller. */
  async enter(request: FastifyRequest, reply: FastifyReply): Promise<Route> {
    const route = findDeclared(request.method, request.routeOptions.url);
    if (!route) throw routeUnknown(request);
    const requestId = currentContext().requestId ?? request.id;
    const callOf = (principal: Principal): Call => {
      const memory = this.memory.of(keyOf({ principal }), reply);
      return { route, ...callerFor(principal), requestId, address: request.ip, request, reply, memory };
    };
    // Set with the anonymous caller first, so that a refusal below has a call to report.
    setCall(request, callOf(anonymous));
    const credential = route.permission === 'public' ? undefined : presentedCredential(request);
    const token = browserSession(request);
    if (token !== undefined && route.permission !== 'public' && route.method !== 'GET')
      checkOwnPage(request, token, route.bodyKind === 'form');
    const principal = route.permission === 'public' ? anonymous : await this.verify(credential, request.ip);
    const call = callOf(principal);
    setCall(request, call);
    extendContext({ ...call.tenant, principal });
    checkPermitted(call, permissionsOf(route), route.perObject);
    checkSomewhere(call, route);
    return route;
  }

  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const route = Reflect.getMetadata(ROUTE, context.getHandler()) as Route | undefined;
    if (!route || findCall(request)?.route !== route) throw routeUnknown(request);
    return true;
  }

  private async verify(key: Credential | undefined, address: string): Promise<Principal> {
    if (key === undefined || this.identity.remembers(key)) return this.identity.verify(key);
    const refusal = this.wrongKeys.findRefusal(key.secret, Date.now());
    if (refusal) throw refusal;
    // Wrong keys of an address do not keep out right keys: behind a proxy that is not configured, all callers share one address.
    const isTry = !this.identity.wasRight(key);
    const waitMs = isTry ? this.wrongKeys.take(address, Date.now()) : 0;
    if (waitMs > 0)
      throw causewayError('KEY_TRIES_SPENT', { address, retryAfterS: Math.ceil(waitMs / 1_000) });
    try {
      const principal = await this.identity.verify(key);
      if (isTry) this.wrongKeys.giveBack(address, Date.now());
      return principal;
    } catch (error) {
      if (isKeyRefused(error)) this.wrongKeys.note(key.secret, error, Date.now());
      // Whoever has a key that exists does not guess.
      if (isTry && !/^(KEY_INVALID|SESSION_ENDED)$/.test(toWireError(error).code))
        this.wrongKeys.giveBack(address, Date.now());
      throw error;
    }
  }
}

/** Where a service decides about a place: refuses who has the permission nowhere. @throws CausewayError PERMISSION_DENIED */
function checkSomewhere({ principal }: Call, route: Route): void {
  const permission = neededPermissions(route).find((one) => !holdsSomewhere(principal, one));
  if (permission !== undefined) throw causewayError('PERMISSION_DENIED', { permission });
}

function routeUnknown({ method, url }: FastifyRequest): Error {
  return causewayError('ROUTE_UNKNOWN', { method, path: url.split('?')[0] ?? '' });
}
