import type { Principal } from '@causeway/contracts';
import { isCausewayError } from '@causeway/dag';
import { Injectable } from '@nestjs/common';
import { isKeyRefused } from '../../operations/identity.js';
import { Tries } from '../../operations/tries.js';
import { type Call, callerFor } from '../door/call.js';
import { browserSession } from '../door/credential.js';
import { clearCookie } from '../door/session-cookie.js';

/** Who looks at a page that everybody may see. */
@Injectable()
export class Visitors {
  constructor(private readonly tries: Tries) {}

  /** The call with who is signed in; undefined for whoever is not, or not any more. */
  async find(call: Call): Promise<Call | undefined> {
    const principal = await this.findPrincipal(call);
    return principal && { ...call, ...callerFor(principal) };
  }

  private async findPrincipal({ request, reply, address }: Call): Promise<Principal | undefined> {
    // Only the cookie: whatever else a request presents shows nothing more on these pages.
    const secret = browserSession(request);
    if (secret === undefined) return undefined;
    try {
      return await this.tries.verify({ kind: 'session', secret }, address);
    } catch (error) {
      if (!isKeyRefused(error)) throw error;
      if (isCausewayError(error) && error.code === 'SESSION_ENDED') clearCookie(request, reply, 'session');
      return undefined;
    }
  }
}
