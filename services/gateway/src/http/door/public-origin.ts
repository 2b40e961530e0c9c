import { causewayError } from '@causeway/contracts';
import type { FastifyRequest } from 'fastify';

declare module 'fastify' {
  interface FastifyInstance {
    /** Where callers reach the gateway, if a setting says so. */
    publicOrigin: string | undefined;
  }
}

/**
 * The address of this site as the browser sees it: what the setting says, else what the request was sent to.
 *
 * @throws CausewayError REQUEST_INVALID when the request names no address
 */
export function originOf({ server, protocol, host }: FastifyRequest): string {
  if (server.publicOrigin !== undefined) return server.publicOrigin;
  const text = `${protocol}://${host}`;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  // A path, a name and a password, or a list of hosts would be read as something else than what they are.
  if (!url || url.href !== `${url.origin}/` || /[\s,@\\/?#]/.test(host))
    throw causewayError('REQUEST_INVALID', {
      problems: 'the header Host does not name the address of this server, such as causeway.example:7860',
    });
  return url.origin;
}
