import { createHash, randomBytes, randomUUID } from 'node:crypto';
import type { Page, Visitor } from '@causeway/identity-provider';
import { findForms } from '@causeway/identity-provider';
import { Api, type Answer, type Sending } from './api.js';

/** What the token endpoint gives. */
export interface Given {
  readonly access_token: string;
  readonly refresh_token?: string;
  readonly id_token?: string;
  readonly scope?: string;
  readonly expires_in: number;
  readonly token_type: string;
}

/** A registered client as the API shows it. */
export interface Registered {
  readonly id: string;
  readonly secret?: string;
}

/** The gateway, as a program with an access token asks it. */
export class TokenApi extends Api {
  constructor(
    url: string,
    readonly token: string,
  ) {
    super(url, undefined);
  }

  override open(method: string, path: string, sending: Sending = {}): Promise<Response> {
    return super.open(method, path, {
      ...sending,
      headers: { authorization: `Bearer ${this.token}`, ...sending.headers },
    });
  }
}

/** A program that speaks OAuth with the gateway, and what it may have forgotten or swapped. */
export class OAuthProgram {
  readonly redirectUri: string;
  readonly verifier = randomBytes(32).toString('base64url');
  readonly state = randomUUID();

  constructor(
    readonly api: Api,
    readonly client: Registered,
    redirectUri = 'http://127.0.0.1:4711/back',
  ) {
    this.redirectUri = redirectUri;
  }

  /** Sends a form to an endpoint, with what proves the client. */
  post(path: string, form: Readonly<Record<string, string>>, secret = this.client.secret): Promise<Answer> {
    const { id } = this.client;
    const basic = secret === undefined ? undefined : Buffer.from(`${id}:${secret}`).toString('base64');
    return this.api.as(undefined).send('POST', path, {
      body: new URLSearchParams(basic === undefined ? { client_id: id, ...form } : { ...form }).toString(),
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        ...(basic !== undefined && { authorization: `Basic ${basic}` }),
      },
    });
  }

  /** An access token for the client itself. */
  async own(form: Readonly<Record<string, string>> = {}): Promise<Given> {
    return given(await this.post('/oauth/token', { grant_type: 'client_credentials', ...form }));
  }

  /** Where the program sends the browser. A member that is `undefined` is left out. */
  authorizeUrl(scope: string, more: Readonly<Record<string, string | undefined>> = {}): string {
    const query = {
      response_type: 'code',
      client_id: this.client.id,
      redirect_uri: this.redirectUri,
      scope,
      state: this.state,
      code_challenge: createHash('sha256').update(this.verifier).digest('base64url'),
      code_challenge_method: 'S256',
      ...more,
    };
    const wanted = Object.entries(query).filter((one): one is [string, string] => one[1] !== undefined);
    return `${this.api.url}/oauth/authorize?${new URLSearchParams(wanted)}`;
  }

  /** Asks a person by their browser, who decides. @returns with which address the browser comes back */
  async ask(
    visitor: Visitor,
    scope: string,
    decision: 'allow' | 'deny' = 'allow',
    more: Readonly<Record<string, string | undefined>> = {},
  ): Promise<URL> {
    const page = await visitor.get(this.authorizeUrl(scope, more));
    const form = findForms(page).find(({ action }) => action.endsWith('/oauth/authorize'));
    if (!form) throw new Error(`no question: ${page.status} ${page.body}`);
    return backOf(await visitor.post(form.action, { ...form.fields, decision }, { from: page.url }));
  }

  /** Changes a code for tokens. */
  redeem(
    code: string,
    more: Readonly<Record<string, string>> = {},
    secret = this.client.secret,
  ): Promise<Answer> {
    const form = { grant_type: 'authorization_code', code, redirect_uri: this.redirectUri };
    return this.post('/oauth/token', { ...form, code_verifier: this.verifier, ...more }, secret);
  }

  refresh(refreshToken = '', more: Readonly<Record<string, string>> = {}): Promise<Answer> {
    return this.post('/oauth/token', { grant_type: 'refresh_token', refresh_token: refreshToken, ...more });
  }

  /** The tokens for which a person allows what is asked. */
  async getTokens(visitor: Visitor, scope: string): Promise<Given> {
    const back = await this.ask(visitor, scope);
    return given(await this.redeem(back.searchParams.get('code') ?? ''));
  }
}

/** The tokens of an answer that must be a success. */
export function given(answer: Answer): Given {
  if (answer.status !== 200) throw new Error(`no token: ${answer.status} ${answer.text}`);
  return answer.json<Given>();
}

/** Where a page of the gateway sends the browser on to. */
export function backOf(page: Page): URL {
  const found = /http-equiv="refresh" content="0; url=([^"]+)"/.exec(page.body)?.[1];
  if (found === undefined) throw new Error(`the browser is not sent on: ${page.status} ${page.body}`);
  return new URL(found.replaceAll('&#38;', '&'));
}
