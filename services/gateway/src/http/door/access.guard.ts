import { checkPermitted, holdsSomewhere } from '@causeway/authz';
import {
  callWebhookRoute,
  causewayError,
  neededPermissions,
  permissionsOf,
  toWireError,
} from '@causeway/contracts';
import type { Principal, Route } from '@causeway/contracts';
import { currentContext, extendContext, routeUnknown } from '@causeway/platform';
import { Injectable } from '@nestjs/common';
import type { CanActivate, ExecutionContext } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Credential } from '../../domain/keys/credential.js';
import { actingPrincipal } from './acting-principal.js';
import { browserSession, presentedCredential, presentedScimToken } from './credential.js';
import { checkOwnPage } from './session-cookie.js';
import type { LimitState } from '../../domain/limits/rate-fields.js';
import { Tries } from '../../operations/tries.js';
import { Webhooks } from '../../operations/webhooks.js';
import { RateLimits } from '../../operations/rate-limits.js';
import { type Call, anonymous, callerFor, findCall, keyOf, setCall } from './call.js';
import { findDeclared } from './declared-routes.js';
import { Memory } from './memory.js';
import { checkPage, letPageRead } from './page-keys.js';
import { ROUTE } from './serve.js';

const WITHOUT_KEY =
  /^(KEY_(MISSING|INVALID|UNUSABLE)|SESSION_ENDED|TOKEN_INVALID|SCIM_TOKEN_(NEEDED|INVALID)|WEBHOOK_UNKNOWN)$/;

/**
 * The one place where the gateway identifies the caller and decides about permission: `enter`, before a byte of the body is read. As
 * Nest's guard it lets pass only requests for which `enter` has run: a handler without a declared route is refused.
 */
@Injectable()
export class AccessGuard implements CanActivate {
  constructor(
    private readonly tries: Tries,
    private readonly memory: Memory,
    private readonly rateLimits: RateLimits,
    private readonly webhooks: Webhooks,
  ) {}

  /** Finds the route and the caller, and checks the rate limits and the permission. Throws ROUTE_UNKNOWN, RATE_LIMITED, or the error that refuses the caller. */
  async enter(request: FastifyRequest, reply: FastifyReply): Promise<Route> {
    try {
      return await this.admit(request, reply);
    } catch (error) {
      const fields = this.rateLimits.fieldsOfRefusal(error);
      if (fields) reply.headers({ ...fields });
      throw error;
    }
  }

  private async admit(request: FastifyRequest, reply: FastifyReply): Promise<Route> {
    const route = findDeclared(request.method, request.routeOptions.url);
    const nowMs = Date.now();
    if (!route) {
      this.rateLimits.takeAddress(request.ip, nowMs);
      this.rateLimits.takeRefused(request.ip, nowMs);
      throw routeUnknown(request.method, pathOf(request));
    }
    const requestId = currentContext().requestId ?? request.id;
    const callOf = (principal: Principal): Call => {
      const memory = this.memory.of(keyOf({ principal }), reply);
      return { route, ...callerFor(principal), requestId, address: request.ip, request, reply, memory };
    };
    // Set with the anonymous caller first, so that a refusal below has a call to report.
    setCall(request, callOf(anonymous));
    const ofAddress = this.rateLimits.takeAddress(request.ip, nowMs);
    const token = browserSession(request);
    if (token !== undefined && route.permission !== 'public' && route.method !== 'GET')
      checkOwnPage(request, token, route.bodyKind === 'form');
    const isToken =
      route.permission === 'scim' ||
      (route.permission !== 'public' && presentedCredential(request)?.kind === 'token');
    // Source: RFC 6750, 3. Removed when the token is valid.
    if (isToken) reply.header('www-authenticate', 'Bearer error="invalid_token"');
    const principal = await this.identify(route, request);
    if (isToken) reply.removeHeader('www-authenticate');
    letPageRead(principal, request, reply);
    const acting = actingPrincipal(principal, request);
    const call = callOf(acting);
    setCall(request, call);
    extendContext({ ...call.tenant, principal: acting });
    // Its requests count for its own team, also those that are about a flow of another one.
    this.limitCaller({ ...call, principal }, ofAddress);
    checkPage(principal, route, request);
    checkPermitted(call, permissionsOf(route), route.perObject);
    checkSomewhere(call, route);
    return route;
  }

  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const route = Reflect.getMetadata(ROUTE, context.getHandler()) as Route | undefined;
    if (!route || findCall(request)?.route !== route) throw routeUnknown(request.method, pathOf(request));
    return true;
  }

  /** The caller of a request. Who must have a key, or the address of a webhook, and has none is limited more strictly. */
  private async identify(route: Route, request: FastifyRequest): Promise<Principal> {
    try {
      if (route === callWebhookRoute)
        return await this.identifyWebhook((request.params as { token: string }).token, request.ip);
      if (route.permission === 'public') return anonymous;
      return await this.tries.verify(credentialFor(route, request), request.ip);
    } catch (error) {
      if (WITHOUT_KEY.test(toWireError(error).code)) this.rateLimits.takeRefused(request.ip, Date.now());
      throw error;
    }
  }

  private identifyWebhook(token: string, ip: string): Promise<Principal> {
    const identify = (): Promise<Principal> => this.webhooks.identify(token);
    return this.webhooks.remembers(token) ? identify() : this.tries.findOnce(ip, identify);
  }

  /** Counts the request for its caller, and adds the fields about the limits to its answer. */
  private limitCaller({ principal, reply }: Call, ofAddress: LimitState | undefined): void {
    const fields =
      principal === anonymous
        ? this.rateLimits.fieldsOf(ofAddress ? [ofAddress] : [])
        : this.rateLimits.takeCaller(principal, ofAddress, Date.now());
    if (fields) reply.headers({ ...fields });
  }
}

/**
 * A SCIM token for SCIM, and anything else everywhere else.
 *
 * @throws CausewayError SCIM_TOKEN_NEEDED, SCIM_TOKEN_ELSEWHERE
 */
function credentialFor({ permission }: Route, request: FastifyRequest): Credential | undefined {
  if (permission === 'scim') {
    const token = presentedScimToken(request);
    if (!token) throw causewayError('SCIM_TOKEN_NEEDED', {});
    return token;
  }
  const credential = presentedCredential(request);
  if (credential?.kind === 'scim') throw causewayError('SCIM_TOKEN_ELSEWHERE', {});
  return credential;
}

/** Where a service decides about a place: refuses who has the permission nowhere. @throws CausewayError PERMISSION_DENIED */
function checkSomewhere({ principal }: Call, route: Route): void {
  const permission = neededPermissions(route).find((one) => !holdsSomewhere(principal, one));
  if (permission !== undefined) throw causewayError('PERMISSION_DENIED', { permission });
}

function pathOf({ url }: FastifyRequest): string {
  return url.split('?', 1)[0] ?? '';
}
