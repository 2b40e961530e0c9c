import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { findForms, submitSignIn, Visitor } from '../src/index.js';

type Answer = (request: IncomingMessage, response: ServerResponse) => void;
let answer: Answer = (_, response) => response.end();
const seen: { method: string; url: string; cookie: string; origin: string; body: string }[] = [];

async function serve(): Promise<{ url: string; close: () => void }> {
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      const { method = '', url = '', headers } = request;
      seen.push({ method, url, cookie: headers.cookie ?? '', origin: headers.origin ?? '', body });
      answer(request, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = (): void => {
    server.close();
    server.closeAllConnections();
  };
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close };
}

const [one, two] = [await serve(), await serve()];
afterAll(() => {
  one.close();
  two.close();
});
let visitor = new Visitor();
beforeEach(() => {
  visitor = new Visitor();
  seen.length = 0;
  answer = (_, response) => response.end();
});

/** The cookies sent with a request to this address. */
async function sentTo(url: string, from?: string, method: 'get' | 'post' = 'get'): Promise<string> {
  const options = from === undefined ? {} : { from };
  if (method === 'get') await visitor.get(url, options);
  else await visitor.post(url, {}, options);
  return seen.at(-1)?.cookie ?? '';
}

describe('a cookie', () => {
  test('goes back to its host and port only', async () => {
    answer = (_, response) => response.setHeader('set-cookie', ['a=1', 'b=2; HttpOnly']).end();
    await visitor.get(one.url);
    answer = (_, response) => response.end();
    expect([await sentTo(one.url), await sentTo(two.url)]).toEqual(['a=1; b=2', '']);
    expect(visitor.cookies.map(({ name, isHttpOnly, authority }) => [name, isHttpOnly, authority])).toEqual([
      ['a', false, new URL(one.url).host],
      ['b', true, new URL(one.url).host],
    ]);
    visitor.forgetCookies();
    expect(await sentTo(one.url)).toBe('');
  });

  test.each([
    ['a=1; Path=/app', '/app/x', '/application', 'a=1'],
    ['a=1; Path=/', '/', undefined, 'a=1'],
    ['a=1; Max-Age=60', '/', undefined, 'a=1'],
    ['a=1; Secure', '/', undefined, 'a=1'],
    ['__Host-a=1; Secure; Path=/', '/', undefined, '__Host-a=1'],
    ['__Secure-a=1; Secure', '/', undefined, '__Secure-a=1'],
  ])('"%s" is sent to %s, and not to %s', async (header, path, elsewhere, sent) => {
    visitor.setCookie(one.url, header);
    expect(await sentTo(one.url + path)).toBe(sent);
    if (elsewhere !== undefined) expect(await sentTo(one.url + elsewhere)).toBe('');
  });

  test.each([
    'a=1; Max-Age=0',
    'a=1; Expires=Thu, 01 Jan 1970 00:00:00 GMT',
    'a=1; Domain=example.com',
    '__Host-a=1; Path=/',
    '__Host-a=1; Secure; Path=/app',
    '__Host-a=1; Secure; Path=/; Domain=127.0.0.1',
    '__Secure-a=1',
    'a=1; SameSite=None',
  ])('"%s" is not kept', async (header) => {
    visitor.setCookie(`${one.url}/app/`, header);
    expect(await sentTo(`${one.url}/app/`)).toBe('');
    expect(visitor.cookies).toEqual([]);
  });

  test('that is secure is not taken from another machine without TLS', () => {
    visitor.setCookie('http://example.com/', 'a=1; Secure');
    visitor.setCookie('https://example.com/', 'b=1; Secure');
    expect(visitor.cookies.map(({ name }) => name)).toEqual(['b']);
  });

  test('expires, and is deleted by an expiry in the past', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    try {
      visitor.setCookie(one.url, 'a=1; Max-Age=60');
      vi.advanceTimersByTime(40_000);
      expect(await sentTo(one.url)).toBe('a=1');
      expect(visitor.cookies.map(({ expiresAt }) => Number(expiresAt) - Date.now())).toEqual([20_000]);
      vi.advanceTimersByTime(21_000);
      expect(visitor.cookies).toEqual([]);
      expect(await sentTo(one.url)).toBe('');
    } finally {
      vi.useRealTimers();
    }
    visitor.setCookie(one.url, 'b=1');
    visitor.setCookie(one.url, 'b=; Expires=Thu, 01 Jan 1970 00:00:00 GMT');
    expect(visitor.cookies).toEqual([]);
  });

  test('is kept back by its SameSite from another site', async () => {
    for (const site of ['Strict', 'Lax', 'None'])
      visitor.setCookie(one.url, `${site}=1; SameSite=${site}; Secure`);
    const other = 'https://other.example/page';
    expect(await sentTo(one.url)).toBe('Strict=1; Lax=1; None=1');
    expect(await sentTo(one.url, `${one.url}/form`, 'post')).toBe('Strict=1; Lax=1; None=1');
    expect(await sentTo(one.url, two.url, 'post')).toBe('None=1');
    expect(await sentTo(one.url, other)).toBe('Lax=1; None=1');
    expect(await sentTo(one.url, other, 'post')).toBe('None=1');
    expect(seen.at(-1)?.origin).toBe('https://other.example');
  });
});

describe('following', () => {
  test('a redirect keeps back what another site may not cause, however far it leads', async () => {
    for (const site of ['Strict', 'Lax']) visitor.setCookie(one.url, `${site}=1; SameSite=${site}`);
    visitor.setCookie(one.url, 'plain=1');
    answer = ({ url }, response) => {
      if (url === '/start') response.writeHead(303, { location: `${one.url}/back` });
      if (url === '/back') response.writeHead(303, { location: '/home' });
      response.end();
    };
    const clicked = await visitor.get(`${two.url}/start`, { from: `${two.url}/page` });
    await visitor.follow(clicked);
    expect(seen.slice(-2)).toMatchObject([
      { url: '/back', cookie: 'Lax=1; plain=1' },
      { url: '/home', cookie: 'Lax=1; plain=1' },
    ]);
    await visitor.follow(await visitor.get(`${two.url}/start`));
    expect(seen.at(-1)).toMatchObject({ url: '/home', cookie: 'Strict=1; Lax=1; plain=1' });
    answer = (_, response) =>
      response.end(
        `<script>document.forms[0].submit()</script><form method="post" action="${one.url}/in"></form>`,
      );
    const page = await visitor.get(two.url);
    answer = (_, response) => response.end();
    await visitor.follow(page);
    expect(seen.at(-1)).toMatchObject({ url: '/in', cookie: '', origin: two.url });
  });

  test('goes on until a page leads nowhere, or to where the caller wants to stop', async () => {
    answer = ({ url }, response) => {
      if (url === '/') response.writeHead(302, { location: '/two' });
      if (url === '/two') response.writeHead(303, { location: `${two.url}/three` });
      response.end(url);
    };
    const first = await visitor.get(one.url);
    expect([first.status, first.location]).toEqual([302, `${one.url}/two`]);
    expect((await visitor.follow(first)).url).toBe(`${two.url}/three`);
    const stopped = await visitor.follow(first, ({ origin }) => origin === two.url);
    expect([stopped.url, stopped.location]).toEqual([`${one.url}/two`, `${two.url}/three`]);
  });

  test('ends in a circle, and does not send a form a second time', async () => {
    answer = (_, response) => response.writeHead(302, { location: '/' }).end();
    await expect(visitor.get(one.url).then((page) => visitor.follow(page))).rejects.toThrow(/20 redirects/);
    answer = (_, response) => response.writeHead(307, { location: '/' }).end();
    await expect(visitor.post(one.url, { a: '1' }).then((page) => visitor.follow(page))).rejects.toThrow(
      /wants its form sent again/,
    );
  });

  test('sends a form that a script would send', async () => {
    answer = ({ method }, response) =>
      response.end(
        method === 'GET'
          ? '<script>document.forms[0].submit()</script><form method="post" action="/to"><input type="hidden" name="code" value="&quot;1&amp;2"></form>'
          : 'there',
      );
    expect((await visitor.follow(await visitor.get(one.url))).body).toBe('there');
    expect(seen.at(-1)).toMatchObject({ method: 'POST', url: '/to', body: 'code=%221%262' });
  });
});

describe('forms', () => {
  test('have the values that they would send', () => {
    const body = `<form action="/search"><input name="q"></form>
      <form method="POST" action="sign-in?a=1&amp;b=2">
        <input type="hidden" name="token" value="t"><input type=email name=who value="x@example.com">
        <input type="password" name="secret"><input type="checkbox" name="off"><input type="checkbox" name="on" value="yes" checked>
        <button name="go" value="1">Go</button><input type="submit" name="also" value="2">
      </form><input name="outside">`;
    expect(findForms({ url: 'http://127.0.0.1:9/door/page', body })).toEqual([
      { method: 'GET', action: 'http://127.0.0.1:9/search', fields: { q: '' }, userField: 'q' },
      {
        method: 'POST',
        action: 'http://127.0.0.1:9/door/sign-in?a=1&b=2',
        fields: { token: 't', who: 'x@example.com', secret: '', on: 'yes' },
        passwordField: 'secret',
        userField: 'who',
      },
    ]);
  });

  test('for signing in are found, filled in and sent, whoever made them', async () => {
    answer = ({ method }, response) => {
      if (method === 'POST') response.writeHead(302, { location: `${two.url}/back?code=1` });
      response.end(
        '<form method="post"><input type="hidden" name="h" value="1"><input name="u"><input type="password" name="p"></form>',
      );
    };
    const page = await submitSignIn(visitor, await visitor.get(`${one.url}/door`), 'ann', 'pass');
    expect(page.location).toBe(`${two.url}/back?code=1`);
    expect(seen.at(-1)).toMatchObject({ url: '/door', body: 'h=1&u=ann&p=pass', origin: one.url });
    answer = (_, response) => response.end('nothing here');
    await expect(submitSignIn(visitor, await visitor.get(one.url), 'ann', 'pass')).rejects.toThrow(
      /has no form/,
    );
  });
});
