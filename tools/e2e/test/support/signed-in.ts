import { type Page, Visitor, findForms } from '@causeway/identity-provider';
import { Api, type Sending } from './api.js';

/** Somebody with a browser, and the gateway as programs of a page would ask it with the browser's session. */
export class SignedIn extends Api {
  constructor(
    url: string,
    readonly visitor: Visitor,
    /** Where the sign-in ended. */
    readonly page: Page,
  ) {
    super(url, undefined);
  }

  /** The cookie with the session's token. */
  get cookie(): { readonly name: string; readonly value: string } {
    const { host } = new URL(this.url);
    const found = this.visitor.cookies.find(
      ({ name, authority }) => authority === host && /^(__Host-)?causeway(-\d+)?$/.test(name),
    );
    if (!found) throw new Error('this browser has no session');
    return found;
  }

  override open(method: string, path: string, sending: Sending = {}): Promise<Response> {
    const { name, value } = this.cookie;
    return super.open(method, path, {
      ...sending,
      headers: { cookie: `${name}=${value}`, ...sending.headers },
    });
  }

  /** Sends a form of a page: the one whose action ends so, with these fields in addition. */
  async submit(
    pagePath: string,
    action: string,
    fields: Readonly<Record<string, string>> = {},
  ): Promise<Page> {
    const page = await this.visitor.get(this.url + pagePath);
    const form = findForms(page).find((one) => one.action.endsWith(action));
    if (!form) throw new Error(`${page.url} (status ${page.status}) has no form for ${action}`);
    return this.visitor.post(form.action, { ...form.fields, ...fields }, { from: page.url });
  }

  /** What the forms of this session hold. */
  async csrf(): Promise<string> {
    const page = await this.visitor.get(`${this.url}/account`);
    return findForms(page)[0]?.fields['csrf'] ?? '';
  }

  /** What its person may do in the team of the session. */
  async permissions(): Promise<string[]> {
    const answer = await this.send('GET', '/api/platform/v1/access');
    if (answer.status !== 200) return [];
    const { permissions } = answer.json<{ permissions: { permission: string; allowed: boolean }[] }>();
    return permissions.filter(({ allowed }) => allowed).map(({ permission }) => permission);
  }

  /** Id of its person. */
  async id(): Promise<string> {
    return (await this.ask<{ subject: { id: string } }>('GET', '/api/platform/v1/self')).subject.id;
  }
}
