import type { Principal } from '@causeway/contracts';
import { isCausewayError } from '@causeway/dag';
import { Injectable } from '@nestjs/common';
import { Identity, isKeyRefused } from '../../operations/identity.js';
import { type Call, callerFor } from '../door/call.js';
import { browserSession } from '../door/credential.js';
import { clearCookie } from '../door/session-cookie.js';

/** Who looks at a page that everybody may see. */
@Injectable()
export class Visitors {
  constructor(private readonly identity: Identity) {}

  /** The call with who is signed in; undefined for whoever is not, or not any more. */
  async find(call: Call): Promise<Call | undefined> {
    const principal = await this.findPrincipal(call);
    return principal && { ...call, ...callerFor(principal) };
  }

  private async findPrincipal({ request, reply }: Call): Promise<Principal | undefined> {
    // Only the cookie: these pages are public, so the guard does not limit who tries keys here.
    const secret = browserSession(request);
    if (secret === undefined) return undefined;
    try {
      return await this.identity.verify({ kind: 'session', secret });
    } catch (error) {
      if (!isKeyRefused(error)) throw error;
      if (isCausewayError(error) && error.code === 'SESSION_ENDED') clearCookie(request, reply, 'session');
      return undefined;
    }
  }
}
