import type { OAuthAnswer, OAuthRequest, Principal } from '@causeway/contracts';
import { Injectable } from '@nestjs/common';
import type { InjectOptions } from 'light-my-request';
import { Tables } from '../../store/tables.js';
import { type Asking, whileAsking } from './asking.js';
import { Issuers } from './issuers.js';

/** Headers of answers that callers need. Cookies are never among them. */
const HEADERS = ['content-type', 'cache-control', 'www-authenticate'];

/** Gives requests to the library as if they had come to a server. */
@Injectable()
export class Calls {
  constructor(
    private readonly issuers: Issuers,
    private readonly tables: Tables,
  ) {}

  async send(asking: Asking, request: OAuthRequest): Promise<OAuthAnswer> {
    const [provider, { default: inject }] = await Promise.all([
      this.issuers.get(request.origin),
      import('light-my-request'),
    ]);
    const { method, path, origin, authorization, contentType, body } = request;
    const options: InjectOptions = {
      method,
      url: origin + path,
      headers: {
        'x-forwarded-proto': new URL(origin).protocol.slice(0, -1),
        ...(authorization !== undefined && { authorization }),
        ...(contentType !== undefined && { 'content-type': contentType }),
      },
      ...(method === 'POST' && { payload: body }),
    };
    const callback = provider.callback();
    const response = await inject((incoming, outgoing) => {
      void whileAsking(asking, () => callback(incoming as never, outgoing as never));
    }, options);
    const wanted = asking.principal ? [...HEADERS, 'location'] : HEADERS;
    const headers = wanted.flatMap((name) => {
      const value = response.headers[name];
      return value === undefined ? [] : [[name, String(value)]];
    });
    return { status: response.statusCode, headers: Object.fromEntries(headers), body: response.payload };
  }

  /** When a person has signed in, in seconds. */
  async signedInAt({ sessionId = '' }: Principal): Promise<number> {
    const { createdAt } = await this.tables.reads.session.findUniqueOrThrow({ where: { id: sessionId } });
    return Math.floor(createdAt.getTime() / 1_000);
  }
}
