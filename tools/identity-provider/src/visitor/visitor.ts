import { Cookie, CookieJar } from 'tough-cookie';
import { findScriptedForm } from './page-form.js';

/** Redirects that `follow` makes before it gives up. */
const MAX_HOPS = 20;

/** An answer, as a browser would have it before doing anything with it. */
export interface Page {
  readonly method: string;
  /** The address that answered. */
  readonly url: string;
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
  /** Where the answer sends the browser, as an absolute address. */
  readonly location?: string;
  /** The page whose link or form led here, also through redirects; absent after typing an address. */
  readonly initiator?: string;
}

export interface VisitOptions {
  readonly headers?: Readonly<Record<string, string>>;
  /**
   * The page whose link or form leads here. It sets `Origin`, and keeps cookies back by their `SameSite` when that page is
   * of another site. Without it the address is typed in, and every cookie is sent.
   */
  readonly from?: string;
}

/** A cookie that a visitor has. */
export interface VisitorCookie {
  /** `host:port` that set it. */
  readonly authority: string;
  readonly name: string;
  readonly value: string;
  readonly path: string;
  readonly isSecure: boolean;
  /** No script can read it. */
  readonly isHttpOnly: boolean;
  readonly sameSite: string | undefined;
  /** Absent when it ends with the browser. */
  readonly expiresAt: Date | undefined;
}

/**
 * A browser without a window, for tests: it keeps cookies, follows redirects only when told to, and runs no script.
 *
 * Each host AND port is a site with cookies of its own, so that servers on ports of one machine are apart, as they are in a
 * company. To real browsers all ports of a host are one site and share cookies. Otherwise the rules of browsers hold: path,
 * expiry, `Secure` (this machine counts as secure), `SameSite`, `__Host-` and `__Secure-`. A cookie that breaks them is
 * dropped silently.
 */
export class Visitor {
  private readonly jars = new Map<string, CookieJar>();

  get(url: string | URL, options: VisitOptions = {}): Promise<Page> {
    return this.visit('GET', new URL(url), options);
  }

  /** Sends a form. */
  post(url: string | URL, form: Readonly<Record<string, string>>, options: VisitOptions = {}): Promise<Page> {
    return this.visit('POST', new URL(url), options, new URLSearchParams(form));
  }

  /**
   * Goes where a page sends the browser, until one doesn't: redirects, and forms that a script sends at once.
   *
   * @param stopsBefore  leaves the address of which this is true to the caller; the page returned is the one that names it
   * @throws Error after 20 redirects, and for a redirect (307, 308) that would send a form again
   */
  async follow(page: Page, stopsBefore: (url: URL) => boolean = () => false): Promise<Page> {
    let current = page;
    for (let hop = 0; hop < MAX_HOPS; hop += 1) {
      const form = findScriptedForm(current);
      const target = current.location ?? form?.action;
      if (target === undefined || stopsBefore(new URL(target))) return current;
      if (current.method === 'POST' && [307, 308].includes(current.status))
        throw new Error(`${current.url} wants its form sent again to ${target}; a Visitor does not do that.`);
      const { url, location, initiator } = current;
      if (location === undefined) current = await this.post(target, form?.fields ?? {}, { from: url });
      else current = await this.get(target, initiator === undefined ? {} : { from: initiator });
    }
    throw new Error(
      `${page.url} did not arrive within ${MAX_HOPS} redirects; the last one led to ${current.url}`,
    );
  }

  /** Every cookie that has not expired. */
  get cookies(): VisitorCookie[] {
    return [...this.jars].flatMap(([authority, jar]) =>
      (jar.serializeSync()?.cookies ?? []).flatMap((stored) => {
        const cookie = Cookie.fromJSON(stored);
        if (cookie === undefined || cookie.TTL() <= 0) return [];
        const expiresAt = cookie.expiryDate();
        return {
          authority,
          name: cookie.key,
          value: cookie.value,
          path: cookie.path ?? '/',
          isSecure: cookie.secure,
          isHttpOnly: cookie.httpOnly,
          sameSite: cookie.sameSite,
          expiresAt: cookie.TTL() === Infinity ? undefined : expiresAt,
        };
      }),
    );
  }

  /** Sets a cookie as an answer from this address would. */
  setCookie(url: string | URL, header: string): void {
    const { host, href } = new URL(url);
    const cookie = Cookie.parse(header);
    if (cookie === undefined) return;
    // The library counts Max-Age from the last use of a cookie; browsers count it from when it was set.
    if (typeof cookie.maxAge === 'number') {
      cookie.expires = new Date(Date.now() + cookie.maxAge * 1_000);
      cookie.maxAge = null;
    }
    // What browsers do, and the library doesn't.
    if (cookie.sameSite === 'none' && !cookie.secure) return;
    cookie.sameSite ??= 'lax';
    this.jar(host).setCookieSync(cookie, href, { ignoreError: true });
  }

  /** The browser is closed and opened again with nothing left. */
  forgetCookies(): void {
    this.jars.clear();
  }

  private async visit(
    method: string,
    url: URL,
    options: VisitOptions,
    body?: URLSearchParams,
  ): Promise<Page> {
    const sameSiteContext = siteContext(method, url, options.from);
    const cookie = this.jar(url.host).getCookieStringSync(url.href, { sameSiteContext });
    const response = await fetch(url, {
      method,
      redirect: 'manual',
      headers: {
        accept: 'text/html,*/*;q=0.8',
        ...(cookie === '' ? {} : { cookie }),
        ...(options.from === undefined || method === 'GET' ? {} : { origin: new URL(options.from).origin }),
        ...options.headers,
      },
      ...(body === undefined ? {} : { body }),
    });
    for (const header of response.headers.getSetCookie()) this.setCookie(url, header);
    const location =
      response.status >= 300 && response.status < 400 ? response.headers.get('location') : null;
    return {
      method,
      url: url.href,
      status: response.status,
      headers: response.headers,
      body: await response.text(),
      ...(location === null ? {} : { location: new URL(location, url).href }),
      ...(options.from === undefined ? {} : { initiator: options.from }),
    };
  }

  private jar(authority: string): CookieJar {
    let jar = this.jars.get(authority);
    if (jar === undefined) {
      jar = new CookieJar(undefined, { prefixSecurity: 'silent' });
      this.jars.set(authority, jar);
    }
    return jar;
  }
}

function siteContext(method: string, url: URL, from: string | undefined): 'strict' | 'lax' | 'none' {
  if (from === undefined) return 'strict';
  const source = new URL(from);
  if (source.protocol === url.protocol && source.host === url.host) return 'strict';
  return method === 'GET' ? 'lax' : 'none';
}
