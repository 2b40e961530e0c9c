import type { Page } from '../../domain/pages/page.js';
import { pageText } from '../../domain/pages/page.js';
import type { Call } from '../door/call.js';
import { frameOf, pageHeaders } from './page-frame.js';

/** Writes a page for somebody who is signed in, or for anybody. */
export function sendPage(call: Call, page: Page): string {
  call.reply.headers({ ...pageHeaders });
  return pageText({ ...frameOf(call), ...page });
}

/** Sends the browser on, to a path of this site or to an identity provider. */
export function sendOn({ reply }: Call, address: string): void {
  reply.headers({ location: address, 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' });
}
