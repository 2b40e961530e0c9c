import { readdirSync } from 'node:fs';
import { connect } from 'node:net';
import { testNats } from '@causeway/testing';
import { afterAll, describe, expect, it } from 'vitest';
import { KEY, SCIM_TOKEN, startNeighbours } from './neighbours.js';
import { sendLine, sendRaw } from './raw-request.js';
import type { RawAnswer } from './raw-request.js';
import { startGateway } from './start-gateway.js';

const nats = await testNats();
const neighbours = await startNeighbours(nats.url);
const gateway = await startGateway(nats.url, neighbours.environment);
afterAll(() => gateway.close());

const key = `x-api-key: ${KEY}`;
/** What opens a route. */
const credentialOf = (line: string): string =>
  line.includes(' /scim/') ? `authorization: Bearer ${SCIM_TOKEN}` : key;
const head = (name: string, more = ''): string => `content-disposition: form-data; name="${name}"${more}\r\n`;
const file = `${head('file', '; filename="a.txt"')}\r\ntext\r\n`;
const field = (name: string): string => `${head(name)}\r\nx\r\n`;

/** A form with these parts. */
function form(parts: readonly string[], boundary = 'b'): string {
  return `${parts.map((part) => `--${boundary}\r\n${part}`).join('')}--${boundary}--\r\n`;
}

/** Uploads a body as a form. Without a registry behind the gateway, 503 is the answer to an upload that is accepted. */
function upload(body: string, boundary = 'b', path = '/api/v2/files'): Promise<RawAnswer> {
  const type = `content-type: multipart/form-data; boundary=${boundary}`;
  return sendLine(gateway.url, `POST ${path}`, [key, type], body);
}

const storedFiles = (): string[] =>
  readdirSync(neighbours.environment['CAUSEWAY_OBJECT_STORE'] as string, {
    recursive: true,
    encoding: 'utf8',
  });

/** The answer to an upload that was accepted, when the service that keeps its row is not there. */
const ACCEPTED = { status: 503, json: { code: 'UNAVAILABLE' } };
const REFUSED = { status: 400, json: { code: 'REQUEST_INVALID' } };

describe('N9: a form', () => {
  it.each([1, 70, 71, 200])('with a boundary of %i characters is read', async (length) => {
    const boundary = 'b'.repeat(length);
    expect(await upload(form([file], boundary), boundary)).toMatchObject(ACCEPTED);
  });

  it.each([201, 252, 1_000, 15_000])('with a boundary of %i characters is refused', async (length) => {
    const boundary = 'b'.repeat(length);
    for (const path of ['/api/v2/files', '/api/v1/run/a-flow', '/api/v1/flows/upload'])
      expect(await upload(form([file], boundary), boundary, path)).toMatchObject({
        ...REFUSED,
        json: { detail: expect.stringContaining('200 characters') },
      });
  });

  it('with headers named as members of JavaScript objects is read as any other', async () => {
    for (const name of ['__proto__', 'constructor', 'toString', 'hasOwnProperty'])
      for (const part of [
        `${name}: x\r\n${file}`,
        `${head('file', `; filename="a.txt"; ${name}="x"`)}\r\ntext\r\n`,
      ])
        expect({ name, ...(await upload(form([part]))) }).toMatchObject(ACCEPTED);
    for (const name of ['__proto__', 'constructor'])
      expect(await upload(form([`${head(name, '; filename="a.txt"')}\r\ntext\r\n`]))).toMatchObject(REFUSED);
  });

  it('with a line break in a file’s name is refused', async () => {
    for (const name of ['a\r.txt', 'a\n.txt', 'a\0b.txt', '..', '.']) {
      const answer = await upload(form([`${head('file', `; filename="${name}"`)}\r\ntext\r\n`]));
      expect({ name, status: answer.status }).toEqual({ name, status: 400 });
    }
  });

  it.each([
    ['21 fields', [...Array.from({ length: 21 }, () => field('x')), file], /20 fields/],
    ['10,001 fields', Array.from({ length: 10_001 }, () => field('x')), /20 fields/],
    ['two files', [file, file], /more than one file/],
    ['10,001 files', Array.from({ length: 10_001 }, () => file), /more than one file/],
    [
      '10,001 fields after its file',
      [file, ...Array.from({ length: 10_001 }, () => field('x'))],
      /20 fields/,
    ],
  ])('with %s is refused, and nothing of it is kept', async (_name, parts, problem) => {
    const before = storedFiles();
    const answer = await upload(form(parts));
    expect(answer).toMatchObject({ ...REFUSED, json: { detail: expect.stringMatching(problem) } });
    await expect.poll(storedFiles).toEqual(before);
  });

  it('of a run with more than 50 parts is refused', async () => {
    for (const parts of [51, 10_001])
      expect(
        await upload(
          form(Array.from({ length: parts }, (_, at) => field(`x${at}`))),
          'b',
          '/api/v1/run/a-flow',
        ),
      ).toMatchObject({ ...REFUSED, json: { detail: expect.stringContaining('50 parts') } });
  });

  it('that is cut at any byte is refused, and the next request is answered', async () => {
    const body = form([field('x'), file]);
    const wholeFrom = body.length - 4;
    for (let end = 0; end < body.length; end++) {
      const answer = await upload(body.slice(0, end));
      expect({ end, status: answer.status }).toEqual({
        end,
        status: end < wholeFrom ? 400 : expect.toBeOneOf([400, 503]),
      });
    }
    expect(await upload(body)).toMatchObject(ACCEPTED);
  });

  it('whose connection is cut at any byte leaves the gateway running', async () => {
    const body = form([field('x'), file]);
    const request = `POST /api/v2/files HTTP/1.1\r\nhost: a\r\n${key}\r\ncontent-type: multipart/form-data; boundary=b\r\ncontent-length: ${body.length}\r\n\r\n`;
    const { hostname, port } = new URL(gateway.url);
    for (let end = 0; end < body.length; end += 3)
      await new Promise<void>((resolve) => {
        const socket = connect(Number(port), hostname, () =>
          socket.write(request + body.slice(0, end), () => socket.destroy()),
        );
        socket.on('error', () => {});
        socket.on('close', () => resolve());
      });
    expect((await sendLine(gateway.url, 'GET /health')).status).toBe(200);
  });
});

describe('N46: a content type that is written oddly', () => {
  it.each([
    ['a tab', ['content-type:\tapplication/json\t']],
    ['a tab inside', ['content-type: application/json\t;charset=utf-8']],
    ['spaces before it', ['content-type:    application/json']],
    ['text after it', ['content-type: application/json garbage']],
    ['a comma', ['content-type: application/json, text/plain']],
    ['another type', ['content-type: application/x-www-form-urlencoded']],
    ['no type', []],
    ['an empty type', ['content-type: ']],
    ['upper case', ['content-type: APPLICATION/JSON']],
    ['two types', ['content-type: application/json', 'content-type: text/plain']],
    ['a type with NUL characters', ['content-type: application/json;%00']],
  ])('never keeps a body from being checked: %s', async (_name, headers) => {
    const answer = await sendLine(
      gateway.url,
      'POST /api/v1/run/a-flow',
      [key, ...headers],
      '{"input_value": 7}',
    );
    expect(answer.status).toBeOneOf([400, 415]);
    expect(answer.json.code).toBe('REQUEST_INVALID');
    if (answer.status === 400) expect(answer.json.detail).toContain('body.input_value');
  });
});

describe('a request that names no address which this server can have', () => {
  it.each(['', '127.0.0.1:99999999', 'a b/c', '[::1', 'a.test,b.test', 'name@a.test'])(
    'is refused where an answer would repeat it: "%s"',
    async (host) => {
      const answer = await sendLine(gateway.url, 'GET /.well-known/openid-configuration', [`host: ${host}`]);
      expect([answer.status, answer.json.code, answer.json.detail]).toEqual([
        400,
        'REQUEST_INVALID',
        expect.stringContaining('Host'),
      ]);
    },
  );
});

describe('N47: a request beyond what fits', () => {
  const start = (path: string): string =>
    `GET ${path} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n${key}\r\n`;

  it.each([
    ['headers of 64 KiB', `${start('/api/v1/flows')}a: ${'x'.repeat(65_536)}\r\n\r\n`, 431],
    ['a query of 10,000 members', `${start(`/api/v1/flows?${'a=1&'.repeat(10_000)}`)}\r\n`, 431],
    ['a path of 20,000 characters', `${start(`/${'a'.repeat(20_000)}`)}\r\n`, 431],
    ['a path of 10,000 parts', `${start('/a'.repeat(7_000))}\r\n`, 404],
    ['a parameter of 1,001 characters', `${start(`/api/v1/flows/${'a'.repeat(1_001)}`)}\r\n`, 414],
  ])('is refused: %s', async (_name, text, status) => {
    const answer = await sendRaw(gateway.url, text);
    expect(answer.status).toBe(status);
    expect(answer.json.code).toMatch(/^(REQUEST_INVALID|ROUTE_UNKNOWN)$/);
    expect(answer.json.request_id).toBe(answer.headers['x-request-id']);
  });

  it('has its members ignored or refused, many as they are', async () => {
    const many = Array.from({ length: 2_000 }, (_, at) => `a${at}=1`).join('&');
    const query = many.slice(0, 14_000);
    expect(await sendRaw(gateway.url, `${start(`/api/platform/v1/runs?${query}`)}\r\n`)).toMatchObject(
      REFUSED,
    );
    const headers = Array.from({ length: 700 }, (_, at) => `a${at}: 1\r\n`).join('');
    const answered = await sendRaw(gateway.url, `${start('/api/v1/version')}${headers}\r\n`);
    expect(answered.status).toBe(200);
  });

  const run = (body: string): Promise<RawAnswer> =>
    sendLine(gateway.url, 'POST /api/v1/run/a-flow', [key, 'prefer: respond-async'], body);

  it('is refused when it is nested deeper than 200 levels, in every kind of body', async () => {
    const nested = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels);
    for (const levels of [199, 10_000, 100_000])
      for (const body of [
        `{"tweaks":{"a":${nested(levels)}}}`,
        `{"input_request":{"tweaks":{"a":${nested(levels)}}}}`,
      ])
        expect(await run(body)).toMatchObject({
          ...REFUSED,
          json: { detail: expect.stringContaining('200 levels') },
        });
    expect(await run(`{"tweaks":{"a":{"b":${nested(190)}}}}`)).toMatchObject({ status: 202 });
    const flow = `{"name":"x","data":{"nodes":[${nested(10_000)}]}}`;
    expect(await sendLine(gateway.url, 'POST /api/v1/flows', [key], flow)).toMatchObject({
      ...REFUSED,
      json: { detail: expect.stringContaining('200 levels') },
    });
  });

  it('is refused when a number is too large to be one, and is not taken for null', async () => {
    for (const number of ['1e400', '-1e400', '1E+309'])
      expect(await run(`{"tweaks":{"a":{"b":[${number}]}}}`)).toMatchObject({
        ...REFUSED,
        json: { detail: expect.stringContaining('send it as a text') },
      });
    expect(await run('{"tweaks":{"a":{"b":[1e300,"1e400"]}}}')).toMatchObject({ status: 202 });
  });

  it('keeps members named as those of JavaScript objects as data', async () => {
    expect(
      await run('{"input_value":"x","__proto__":{"stream":true},"tweaks":{"__proto__":{"a":1}}}'),
    ).toMatchObject({
      status: 202,
    });
    const input = await neighbours.lastInput();
    expect(input.stream).toBe(false);
    expect(Object.keys(Object.prototype)).toEqual([]);
  });
});

interface Shape {
  readonly type?: string;
  readonly anyOf?: readonly Shape[];
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly required?: readonly string[];
}
interface Operation {
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Shape }>> };
  readonly parameters?: readonly { readonly name: string; readonly in: string; readonly schema: Shape }[];
}

describe('N48: an object or a list where one value is expected', async () => {
  const { paths } = (await (await fetch(`${gateway.url}/openapi.json`)).json()) as {
    paths: Record<string, Record<string, Operation>>;
  };
  const isScalar = ({ type, anyOf = [] }: Shape): boolean =>
    /^(string|number|integer|boolean)$/.test(type ?? '') ||
    (anyOf.length > 0 && anyOf.every((shape) => shape.type === 'null' || isScalar(shape)));
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      line: `${method.toUpperCase()} ${path.replace(/\{(role|connection)\}/, 'a-name').replace(/\{\w+\}/g, '00000000-0000-4000-8000-00000000abcd')}`,
      operation,
    })),
  );
  const bodies = operations.flatMap(({ line, operation }) =>
    Object.entries(operation.requestBody?.content['application/json']?.schema.properties ?? {})
      .filter(([, shape]) => isScalar(shape))
      .map(([member]) => [line, member] as const),
  );
  const queries = operations.flatMap(({ line, operation }) =>
    (operation.parameters ?? [])
      .filter((parameter) => parameter.in === 'query' && isScalar(parameter.schema))
      .map(({ name }) => [line, name] as const),
  );

  it('is refused in every member of every body, which the refusal names', async () => {
    expect(bodies.length).toBeGreaterThan(40);
    for (const [line, member] of bodies)
      for (const value of ['{"not":null}', '["x"]', '{"$ne":""}']) {
        const answer = await sendLine(gateway.url, line, [credentialOf(line)], `{"${member}":${value}}`);
        expect({ line, member, code: answer.json.code, detail: answer.json.detail }).toEqual({
          line,
          member,
          code: 'REQUEST_INVALID',
          detail: expect.stringContaining(`body.${member}`),
        });
      }
  });

  it('N17: a member that callers may not set is refused by our routes, and ignored by those of Langflow, as there', async () => {
    const extras = ['role', 'organisationId', 'orgId', 'isAdmin', 'is_superuser', 'createdAt', 'userId'];
    const withBodies = operations.flatMap(({ line, operation }) => {
      const { properties, required = [] } = operation.requestBody?.content['application/json']?.schema ?? {};
      const isOurs = line.includes('/api/platform/');
      // Without a required member the gateway itself answers, and nobody is asked.
      return properties && (isOurs || required.length > 0) ? [{ line, properties, isOurs }] : [];
    });
    expect(withBodies.filter(({ isOurs }) => isOurs).length).toBeGreaterThan(15);
    for (const { line, properties, isOurs } of withBodies) {
      const unknown = extras.filter((extra) => !Object.hasOwn(properties, extra));
      const body = JSON.stringify(Object.fromEntries(unknown.map((extra) => [extra, 'owner'])));
      const answer = await sendLine(gateway.url, line, [credentialOf(line)], body);
      const { detail = '' } = answer.json;
      expect({ line, status: answer.status, code: answer.json.code }).toMatchObject({
        status: 400,
        code: 'REQUEST_INVALID',
      });
      expect({ line, named: unknown.filter((extra) => detail.includes(`"${extra}"`)) }).toEqual({
        line,
        named: isOurs ? unknown : [],
      });
    }
  });

  it('is refused in every member of every query', async () => {
    expect(queries.length).toBeGreaterThan(20);
    for (const [line, member] of queries) {
      const answer = await sendLine(gateway.url, `${line}?${member}=1&${member}=2`, [credentialOf(line)]);
      // The refusal of a page is a page.
      expect({ line, member, status: answer.status, text: answer.text }).toEqual({
        line,
        member,
        status: 400,
        text: expect.stringContaining(`query.${member}`),
      });
    }
  });
});
