import { type IncomingMessage, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { claimRun, runEmitted } from '@causeway/contracts';
import { SECRET_MASK } from '@causeway/dag';
import { type FlowFile, aFlow, waitFor } from '@causeway/testing';
import { afterAll, expect, test } from 'vitest';
import { spec } from './flows.js';
import { surroundings } from './surroundings.js';

/** The credential that a flow sends in its request, and the forms in which other systems repeat it. */
const token = 'canary-7f3a/token+of the team';
/** The key of the flow's model. */
const key = 'canary-51c8-key-of-the-model';
const percent = encodeURIComponent(token);
const base64 = Buffer.from(`x:${token}`).toString('base64');
/** Any of these texts discloses one of the two secrets. */
const betraying = [token, key, percent, percent.replaceAll('%20', '+'), base64.slice(4, -4), 'canary-'];

async function aSite(
  answer: (request: IncomingMessage & { text: string }, response: ServerResponse) => void,
): Promise<string> {
  const server = createServer(async (request, response) => {
    let text = '';
    for await (const chunk of request.setEncoding('utf8')) text += chunk;
    answer(Object.assign(request, { text }), response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const received: string[] = [];
/** Repeats each request in its answer, as request inspectors do. */
const echo = await aSite((request, response) => {
  received.push(JSON.stringify([request.url, request.headers, request.text]));
  response.setHeader('x-echo', request.headers['x-api-key'] ?? '');
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify({ headers: request.headers, url: request.url, percent, base64 }));
});
/** A provider that refuses, and quotes secrets in its message that it should not know. */
const provider = await aSite((_request, response) => {
  response.writeHead(400, { 'content-type': 'application/json' });
  const message = `Bad header ${token}, query ${percent}, basic ${base64}, key ${key}.`;
  response.end(JSON.stringify({ error: { message, type: 'invalid_request' } }));
});
const spans: string[] = [];
const collector = await aSite((request, response) => {
  spans.push(request.text);
  response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
});
const world = await surroundings({
  CAUSEWAY_OUTBOUND_ALLOW: '127.0.0.1',
  CAUSEWAY_LOG_LEVEL: 'trace',
  CAUSEWAY_OTLP_ENDPOINT: collector,
});
await world.startExecutor();
world.variables.set('TOKEN', { value: token, type: 'Credential' });

const headers = ['X-API-Key', 'Authorization'].map((name) => ({
  key: name,
  value: 'TOKEN',
  __load_from_db_fields: ['value'],
}));

/** A chat that calls the echoing server and answers with the server's text; when `asks`, it sends that text to the refusing model. */
function echoing(asks: boolean): FlowFile {
  const flow = aFlow()
    .chatInput()
    .prompt('{question} {found}')
    .chatOutput()
    .node(spec('APIRequest'), {
      id: 'Api',
      fields: {
        url_input: `${echo}/bot${percent}/`,
        headers,
        query_params: [{ key: 'api_key', value: 'TOKEN', __load_from_db_fields: ['value'] }],
        include_httpx_metadata: true,
      },
    })
    .node(spec('ParserComponent'), { id: 'Parser', fields: { mode: 'Stringify' } })
    .edge('Api', 'data', 'Parser', 'input_data');
  if (!asks) return flow.edge('Parser', 'parsed_text', 'Prompt-2', 'found').build();
  return flow
    .node(spec('OpenAIModel'), {
      id: 'Model',
      fields: { model_name: 'gpt-4.1', openai_api_base: `${provider}/v1`, api_key: key, max_retries: 0 },
      template: { api_key: { load_from_db: false } },
    })
    .edge('Parser', 'parsed_text', 'Model', 'input_value')
    .edge('Model', 'text_output', 'Prompt-2', 'found')
    .build();
}

/** All rows that the executor stores. */
async function rowsOfAll(): Promise<string> {
  const { rows: tables } = await world.database.query(
    `SELECT relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE relkind = 'r' AND nspname = 'executor'`,
  );
  const texts = [];
  for (const { relname } of tables as { relname: string }[]) {
    const { rows } = await world.database.query(`SELECT row_to_json(t)::text AS text FROM "${relname}" t`);
    texts.push(...(rows as { text: string }[]).map(({ text }) => text));
  }
  return texts.join('\n');
}

/** The metrics of every process of the executor. */
async function metricsOfAll(): Promise<string> {
  const ports = new Set([...world.output.text.matchAll(/"internalPort":(\d+)/g)].map(([, port]) => port));
  expect(ports.size).toBeGreaterThan(0);
  const texts = [...ports].map(async (port) => (await fetch(`http://127.0.0.1:${port}/metrics`)).text());
  return (await Promise.all(texts)).join('\n');
}

function expectNoSecret(text: string, where: string): void {
  for (const secret of betraying) expect(text.includes(secret), `${where}: ${secret}`).toBe(false);
}

test.each([
  ['a server that repeats the request', false, 'succeeded'],
  ['a provider whose refusal quotes other secrets', true, 'failed'],
])('%s gets no secret into anything that is reported or stored', async (_what, asks, status) => {
  const traceparent = `00-${'a'.repeat(31)}${asks ? 1 : 2}-${'b'.repeat(16)}-01`;
  const sofar = received.length;
  const envelope = await world.release(
    echoing(asks),
    { inputValue: 'hi', stream: true },
    { live: true, traceparent },
  );
  const frames: unknown[] = [];
  const watching = world.bus.subscribe(runEmitted, envelope.runId, (frame) => void frames.push(frame));
  await world.bus.ring(claimRun, envelope, { messageId: envelope.runId });
  const ended = await world.ended(envelope.runId);
  await waitFor(async () => frames.some((frame) => /"(end|error)"/.test(JSON.stringify(frame))), {
    what: 'the last frame',
  });
  watching.unsubscribe();
  expect(ended.status).toBe(status);
  expect(received.slice(sofar)).toHaveLength(1);
  expect(received.at(-1)).toContain(JSON.stringify(token).slice(1, -1));

  const told = JSON.stringify(ended);
  expect(told).toContain(SECRET_MASK);
  if (asks) expect(ended.error?.message).toContain(`Bad header ${SECRET_MASK}, query ${SECRET_MASK}, basic`);
  expectNoSecret(told, 'the run');
  expectNoSecret(JSON.stringify(frames), 'frames');
  expectNoSecret(JSON.stringify(await world.look(envelope.runId)), 'the page of the run');
  expectNoSecret(await rowsOfAll(), 'tables');
  await waitFor(async () => spans.join().includes(`${'a'.repeat(31)}${asks ? 1 : 2}`), { what: 'spans' });
  expect(spans.join()).toContain('node.execute');
  expectNoSecret(spans.join(), 'spans');
  await waitFor(async () => world.output.text.includes('"message":"run finished"'), { what: 'the log' });
  expectNoSecret(world.output.text, 'the log');
  expectNoSecret(await metricsOfAll(), 'metrics');
  expectNoSecret(JSON.stringify([world.reports, world.audit]), 'reports and audit');
});
