import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { GuardedHttp } from '../src/runtime/component.js';
import { type GuardedHttpClient, createGuardedHttp } from '../src/runtime/guarded-http.js';
import { testComponent } from '../src/runtime/test-context.js';
import type { MessageValue, TableValue } from '../src/specs/values.js';
import { maxPages } from '../src/runtime/web/crawl.js';
import { maxPageBytes } from '../src/runtime/web/fetch-page.js';
import { type LocalServer, startLocalServer } from './local-server.js';

let server: LocalServer;
let outside: LocalServer;
let client: GuardedHttpClient;
let http: GuardedHttp;

const html = (body: string, title = 'T'): string =>
  `<html lang="en"><head><title>${title}</title></head><body>${body}</body></html>`;

beforeAll(async () => {
  outside = await startLocalServer((_request, response) =>
    response.writeHead(200, { 'content-type': 'text/html' }).end(html('outside')),
  );
  server = await startLocalServer(({ path }, response) => {
    const page = (body: string, type = 'text/html; charset=utf-8', status = 200): void =>
      void response.writeHead(status, { 'content-type': type }).end(body);
    const number = /^\/many\/(\d+)/.exec(path)?.[1];
    if (number !== undefined) {
      return page(
        html(
          Array.from(
            { length: 20 },
            (_item, n) => `<a href="/many/${Number(number) * 20 + n + 1}">x</a>`,
          ).join(''),
        ),
      );
    }
    switch (path) {
      case '/':
        return page(
          html(
            `<h1>Start</h1><a href="/a">a</a><a href="/b">b</a><a href="${outside.url}/">o</a><a href="/broken">x</a>`,
          ),
        );
      case '/a':
        return page(html('page a <a href="/deep">deep</a><a href="/">back</a>', 'A'));
      case '/b':
        return page(html('page b', 'B'));
      case '/deep':
        return page(html('deep page'));
      case '/plain.txt':
        return page('just\ntext', 'text/plain');
      case '/data.json':
        return page('{"a":1}', 'application/json');
      case '/style.css':
        return page('p{}', 'text/css');
      case '/image':
        return page('x', 'image/png');
      case '/latin':
        return void response
          .writeHead(200, { 'content-type': 'text/html; charset=iso-8859-1' })
          .end(Buffer.from('<p>caf\xe9</p>', 'latin1'));
      case '/huge':
        return void response
          .writeHead(200, { 'content-type': 'text/html' })
          .end(Buffer.alloc(maxPageBytes + 1, 'a'));
      case '/moved':
        return void response.writeHead(301, { location: '/a' }).end();
      case '/hang':
        return;
      default:
        return page(html('not here'), 'text/html', 404);
    }
  });
  client = createGuardedHttp({ allow: [`127.0.0.1:${server.port}`, `127.0.0.1:${outside.port}`] });
  http = client.forNode('URL');
});
afterAll(() => Promise.all([client.close(), server.close(), outside.close()]));

type Fields = Parameters<typeof testComponent>[1] & { fields: object };
async function rows(fields: Fields['fields']): Promise<readonly Record<string, unknown>[]> {
  const run = await testComponent('URL', { fields: { ...fields } as never, http, outputs: ['page_results'] });
  return (run.outputs['page_results'] as TableValue).rows;
}
const addresses = async (fields: Fields['fields']): Promise<readonly unknown[]> =>
  (await rows(fields)).map((row) => String(row['url']).replace(server.url, ''));

describe('one page', () => {
  test('gives text, title, type and language', async () => {
    expect(await rows({ urls: [`${server.url}/b`] })).toEqual([
      {
        text: 'page b',
        url: `${server.url}/b`,
        title: 'B',
        description: '',
        content_type: 'text/html; charset=utf-8',
        language: 'en',
      },
    ]);
  });

  test('is given as HTML or Markdown when requested', async () => {
    expect((await rows({ urls: [server.url], format: 'HTML' }))[0]?.['text']).toContain('<h1>Start</h1>');
    expect((await rows({ urls: [server.url], format: 'Raw HTML' }))[0]?.['text']).toContain('<h1>Start</h1>');
    expect((await rows({ urls: [server.url], format: 'Markdown' }))[0]?.['text']).toContain('# Start');
  });

  test('text and JSON are used as they are, and a character set is respected', async () => {
    expect((await rows({ urls: [`${server.url}/plain.txt`] }))[0]?.['text']).toBe('just\ntext');
    expect((await rows({ urls: [`${server.url}/data.json`] }))[0]?.['text']).toBe('{"a":1}');
    expect((await rows({ urls: [`${server.url}/latin`] }))[0]?.['text']).toBe('café');
  });

  test('a redirect is followed, and the page is named by its final address', async () => {
    expect(await addresses({ urls: [`${server.url}/moved`] })).toEqual(['/a']);
  });

  test('a bad status is content, or a failure when it is checked', async () => {
    expect((await rows({ urls: [`${server.url}/nope`] }))[0]?.['text']).toBe('not here');
    await expect(rows({ urls: [`${server.url}/nope`], check_response_status: true })).rejects.toThrow(
      'answered 404',
    );
  });

  test.each([
    ['/image', 'image/png, which is no text'],
    ['/style.css', 'style sheets'],
    ['/huge', 'limit maxBytes'],
  ])('%s cannot be used', async (path, problem) => {
    await expect(rows({ urls: [server.url + path] })).rejects.toThrow(problem);
  });

  test('a page that hangs ends after its time', async () => {
    await expect(rows({ urls: [`${server.url}/hang`], timeout: 1 })).rejects.toThrow('within 1000 ms');
  });

  test('all texts come as one message', async () => {
    const run = await testComponent('URLComponent', {
      fields: { urls: [`${server.url}/a`, `${server.url}/b`] },
      http,
      outputs: ['raw_results'],
    });
    expect((run.outputs['raw_results'] as MessageValue).text).toBe('page a deepback\n\npage b');
    expect(Object.keys(run.outputs)).toEqual(['raw_results']);
  });
});

describe('a crawl', () => {
  test('goes as deep as the node says, each page once, in order of links', async () => {
    expect(await addresses({ urls: [server.url], max_depth: 1 })).toEqual(['/']);
    expect(await addresses({ urls: [server.url], max_depth: 2 })).toEqual(['/', '/a', '/b', '/broken']);
    expect(await addresses({ urls: [server.url], max_depth: 3 })).toEqual([
      '/',
      '/a',
      '/b',
      '/broken',
      '/deep',
    ]);
  });

  test('one page at a time gives the same', async () => {
    expect(await addresses({ urls: [server.url], max_depth: 2, use_async: false })).toEqual([
      '/',
      '/a',
      '/b',
      '/broken',
    ]);
  });

  test('leaves the host only when the node allows it', async () => {
    const before = outside.requests.length;
    await addresses({ urls: [server.url], max_depth: 2 });
    expect(outside.requests.length).toBe(before);
    expect(await addresses({ urls: [server.url], max_depth: 2, prevent_outside: false })).toContain(
      `${outside.url}/`,
    );
  });

  test('continues when a page fails, or stops if the node says so', async () => {
    const urls = [`${server.url}/image`, `${server.url}/b`];
    expect(await addresses({ urls })).toEqual(['/b']);
    await expect(addresses({ urls, continue_on_failure: false })).rejects.toThrow('image/png');
  });

  test('stops at the limit of pages and gives those that it has', async () => {
    expect(await addresses({ urls: [`${server.url}/many/0`], max_depth: 99 })).toHaveLength(maxPages);
  });
});

describe('addresses', () => {
  test.each([
    [{ urls: [] }, 'no URL is given'],
    [{ urls: ['http://'] }, 'no valid URL'],
    [{ urls: Array.from({ length: 51 }, (_item, n) => `http://a.test/${n}`) }, 'the limit is 50'],
    [{ urls: ['http://10.0.0.1/'] }, 'may not call 10.0.0.1:80'],
    [{ urls: ['file:///etc/passwd'] }, 'may not call file:'],
  ])('%o is refused', async (fields, problem) => {
    await expect(rows(fields)).rejects.toThrow(problem);
  });

  test('a link to an address that is not public is skipped', async () => {
    const inner = await startLocalServer((_request, response) =>
      response
        .writeHead(200, { 'content-type': 'text/html' })
        .end(html('<a href="http://169.254.169.254/x">m</a>')),
    );
    const guarded = createGuardedHttp({ allow: [`127.0.0.1:${inner.port}`] });
    const run = await testComponent('URL', {
      fields: { urls: [inner.url], max_depth: 2, prevent_outside: false, continue_on_failure: false },
      http: guarded.forNode('URL'),
      outputs: ['page_results'],
    });
    expect((run.outputs['page_results'] as TableValue).rows).toHaveLength(1);
    await guarded.close();
    await inner.close();
  });

  test('an abort ends the crawl', async () => {
    const abort = new AbortController();
    const running = testComponent('URL', {
      fields: { urls: [`${server.url}/hang`] },
      http,
      signal: abort.signal,
    });
    setTimeout(() => abort.abort(new Error('stopped')), 50);
    await expect(running).rejects.toThrow('stopped');
  });
});
