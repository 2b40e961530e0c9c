import { routes } from '@causeway/contracts';
import type { Route } from '@causeway/contracts';

const declared = new Map(routes.map((route) => [`${route.method} ${servedPath(route)}`, route]));

/** A route's path as Fastify writes it: `/api/v1/flows/:flowId`. */
export function servedPath(route: Pick<Route, 'path'>): string {
  return route.path.replace(/\{(\w+)\}/g, ':$1');
}

/** The declared route that Fastify serves by this method and path, if any. */
export function findDeclared(method: string, path: string | undefined): Route | undefined {
  return declared.get(`${method === 'HEAD' ? 'GET' : method} ${path}`);
}
