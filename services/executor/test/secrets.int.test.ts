import { type IncomingMessage, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { aFlow } from '@causeway/testing';
import type { FlowBuilder, FlowFile } from '@causeway/testing';
import { afterAll, describe, expect, test } from 'vitest';
import { aModel } from './a-model.js';
import { spec } from './flows.js';
import { surroundings } from './surroundings.js';

const canary = 'canary-7f3a-credential';

interface Site {
  readonly url: string;
  readonly got: string[];
}

/** A server, and all requests that reached it. */
async function aSite(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<Site> {
  const got: string[] = [];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request.setEncoding('utf8')) body += chunk;
    got.push(JSON.stringify([request.url, request.headers, body]));
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, got };
}

const elsewhere = await aSite((_request, response) => void response.end('{}'));
/** The address that flows name. It redirects with the status in the path; its page links to the other address. */
const named = await aSite((request, response) => {
  const status = /^\/(30\d)/.exec(request.url ?? '')?.[1];
  if (status !== undefined)
    return void response.writeHead(Number(status), { location: `${elsewhere.url}/landed` }).end();
  response.writeHead(200, { 'content-type': 'text/html' }).end(`<a href="${elsewhere.url}/linked">there</a>`);
});
const model = await aModel();
const world = await surroundings({
  CAUSEWAY_SCRIPTED_PROVIDER_URL: model.url,
  CAUSEWAY_OUTBOUND_ALLOW: '127.0.0.1',
});
await world.startExecutor();
world.variables.set('TOKEN', { value: canary, type: 'Credential' });
world.variables.set('OTHER', { value: 'canary-of-another', type: 'Credential' });

const marked = (key: string) => ({ key, value: 'TOKEN', __load_from_db_fields: ['value'] });
const headers = [marked('X-API-Key'), marked('Authorization')];

/** A chat whose answer shows the result of one more node, or of several. */
function telling(nodes: (flow: FlowBuilder) => FlowBuilder, output: string, from: string): FlowFile {
  return nodes(aFlow().chatInput().prompt('{question} {found}').chatOutput())
    .edge(from, output, 'Prompt-2', 'found')
    .build();
}

/** An API request with the team's credential in its headers, whose address may come from elsewhere. */
function requesting(fields: Record<string, unknown>, source?: 'TextInput' | 'ChatInput'): FlowFile {
  return telling(
    (flow) => {
      flow
        .node(spec('TextInput'), { id: 'Text', fields: { input_value: `${named.url}/` } })
        .node(spec('APIRequest'), { id: 'Api', fields: { url_input: `${named.url}/`, headers, ...fields } })
        .node(spec('ParserComponent'), { id: 'Parser', fields: { mode: 'Stringify' } })
        .edge('Api', 'data', 'Parser', 'input_data');
      if (source === 'TextInput') flow.edge('Text', 'text', 'Api', 'url_input');
      if (source === 'ChatInput') flow.edge('ChatInput-1', 'message', 'Api', 'url_input');
      return flow;
    },
    'parsed_text',
    'Parser',
  );
}

/** How a run ended, and what reached the address that the flow does not name. */
async function outcome(flow: FlowFile, input: Parameters<typeof world.ring>[1] = {}) {
  const since = elsewhere.got.length;
  const { runId } = await world.ring(flow, {
    inputValue: 'hi',
    outputType: 'any',
    inputType: 'chat',
    ...input,
  });
  const { status, error } = await world.ended(runId);
  return { status, code: error?.code, message: error?.message, seen: elsewhere.got.slice(since) };
}

describe('a credential that a flow sends with a request', () => {
  test('reaches the address that the flow names', async () => {
    const since = named.got.length;
    expect(await outcome(requesting({}))).toMatchObject({ status: 'succeeded' });
    expect(await outcome(requesting({}, 'TextInput'))).toMatchObject({ status: 'succeeded' });
    expect(named.got.slice(since)).toHaveLength(2);
    for (const request of named.got.slice(since)) expect(request).toContain(canary);
  });

  test('does not go to an address from a tweak of the field, or of the text that is wired to it', async () => {
    const tweaks: { flow: FlowFile; tweaks: Record<string, Record<string, string>> }[] = [
      { flow: requesting({}), tweaks: { Api: { url_input: elsewhere.url } } },
      { flow: requesting({}, 'TextInput'), tweaks: { Text: { input_value: elsewhere.url } } },
    ];
    for (const { flow, ...input } of tweaks) {
      const { status, code, message, seen } = await outcome(flow, input);
      expect([status, code, seen]).toEqual(['failed', 'SECRET_WITHHELD', []]);
      expect(message).toContain(`the credential TOKEN in header x-api-key to ${elsewhere.url}`);
      expect(message).toContain(`npx causeway vars set TOKEN --allow-host ${elsewhere.url}`);
      expect(message).not.toContain(canary);
    }
  });

  test('does not go to an address that came by chat', async () => {
    const { code, seen } = await outcome(requesting({}, 'ChatInput'), { inputValue: elsewhere.url });
    expect([code, seen]).toEqual(['SECRET_WITHHELD', []]);
  });

  test('does not go to an address that a model chose', async () => {
    const flow = aFlow()
      .chatInput()
      .node(spec('APIRequest'), {
        id: 'Api',
        fields: { url_input: named.url, headers },
        node: { tool_mode: true },
        outputs: [{ name: 'component_as_tool', types: ['Tool'], method: 'to_toolkit' }],
      })
      .node(spec('Agent'), { id: 'Agent' })
      .node('ChatOutput', { id: 'Out' })
      .edge('ChatInput-1', 'message', 'Agent', 'input_value')
      .edge('Api', 'component_as_tool', 'Agent', 'tools')
      .edge('Agent', 'response', 'Out', 'input_value')
      .build();
    const told: unknown[] = [];
    model.answer = ({ messages }) => {
      const last = messages.at(-1);
      if (last?.role !== 'tool')
        return { toolCalls: [{ name: 'make_api_request', args: { url_input: elsewhere.url } }] };
      told.push(last.content);
      return { text: 'done' };
    };
    const { status, seen } = await outcome(flow);
    expect([status, seen]).toEqual(['succeeded', []]);
    expect(String(told[0])).toContain('the credential TOKEN');
    expect(JSON.stringify(model.asked)).not.toContain(canary);
  });

  test('is not sent to the host of a link', async () => {
    const fields = { urls: [named.url], max_depth: 2, prevent_outside: false, headers };
    const flow = telling((of) => of.node(spec('URLComponent'), { id: 'Url', fields }), 'raw_results', 'Url');
    const { status, seen } = await outcome(flow);
    expect([status, seen.length]).toEqual(['succeeded', 1]);
    expect(seen.join()).not.toContain(canary);
  });

  test.each([302, 307])('is not sent along with a redirect by %i', async (code) => {
    const fields = { url_input: `${named.url}/${code}`, follow_redirects: true };
    const { status, seen } = await outcome(requesting(fields));
    expect([status, seen.length]).toEqual(['succeeded', 1]);
    expect(seen.join()).not.toContain(canary);
  });

  test('is not sent in a body that a redirect repeats', async () => {
    const body = [marked('token')];
    const fields = {
      url_input: `${named.url}/307`,
      follow_redirects: true,
      method: 'POST',
      headers: [],
      body,
    };
    const { code, seen } = await outcome(requesting(fields));
    expect([code, seen]).toEqual(['SECRET_WITHHELD', []]);
  });

  test('is sent to hosts on the flow’s list, or on the credential’s own list', async () => {
    const flow = requesting({}, 'ChatInput');
    world.allowedHosts.set(flow.id, [elsewhere.url.replace('http://', '')]);
    const byFlow = await outcome(flow, { inputValue: elsewhere.url });
    expect([byFlow.status, byFlow.seen.join().includes(canary)]).toEqual(['succeeded', true]);
    world.variables.set('ALLOWED', {
      value: 'canary-with-a-list',
      type: 'Credential',
      allowedHosts: [elsewhere.url],
    });
    const own = { key: 'X-API-Key', value: 'ALLOWED', __load_from_db_fields: ['value'] };
    const byCredential = await outcome(requesting({ headers: [own] }, 'ChatInput'), {
      inputValue: elsewhere.url,
    });
    expect([byCredential.status, byCredential.seen.join().includes('canary-with-a-list')]).toEqual([
      'succeeded',
      true,
    ]);
  });

  test('is the request’s own when the request brings it', async () => {
    const variables = { TOKEN: 'brought-by-the-request' };
    const { status, seen } = await outcome(requesting({}, 'ChatInput'), {
      inputValue: elsewhere.url,
      variables,
    });
    expect([status, seen.join().includes('brought-by-the-request')]).toEqual(['succeeded', true]);
  });
});

describe('a credential', () => {
  test('is not echoed by a field that only the file declares secret', async () => {
    const options = {
      id: 'Text',
      fields: { input_value: 'TOKEN' },
      template: { input_value: { password: true, load_from_db: true } },
    };
    const flow = telling((of) => of.node(spec('TextInput'), options), 'text', 'Text');
    const { status, message } = await outcome(flow);
    expect(status).toBe('failed');
    expect(message).toContain(
      'is a credential; only fields that are secret in the catalogue take credentials',
    );
  });

  test('is not echoed by cells of a table that holds no secrets', async () => {
    const row = { name: 'TOKEN', description: 'x', type: 'str', __load_from_db_fields: ['name'] };
    const flow = aFlow()
      .chatInput()
      .node(spec('StructuredOutput'), { id: 'Schema', fields: { output_schema: [row] } })
      .node('ChatOutput', { id: 'Out' })
      .edge('ChatInput-1', 'message', 'Schema', 'input_value')
      .edge('Schema', 'structured_output', 'Out', 'input_value')
      .build();
    const before = model.asked.length;
    expect(await outcome(flow)).toMatchObject({ status: 'failed' });
    expect(JSON.stringify(model.asked.slice(before))).not.toContain(canary);
  });

  test('is not chosen by a tweak', async () => {
    const flow = aFlow()
      .chatInput()
      .node(spec('OpenAIModel'), {
        id: 'Model',
        fields: { model_name: 'gpt-4.1', openai_api_base: `${elsewhere.url}/v1`, api_key: 'sk-of-the-flow' },
        template: { api_key: { load_from_db: false } },
      })
      .node('ChatOutput', { id: 'Out' })
      .edge('ChatInput-1', 'message', 'Model', 'input_value')
      .edge('Model', 'text_output', 'Out', 'input_value')
      .build();
    const api_key = { value: 'OTHER', load_from_db: true };
    const { status, message, seen } = await outcome(flow, { tweaks: { Model: { api_key } } });
    expect([status, seen]).toEqual(['failed', []]);
    expect(message).toContain('a request cannot choose stored credentials');
    const brought = await outcome(flow, {
      tweaks: { Model: { api_key } },
      variables: { OTHER: 'brought-key' },
    });
    expect(brought.seen.join()).toContain('Bearer brought-key');
  });
});

describe('a provider that quotes a credential of the run', () => {
  test('is passed on with a mask in its place: in the run and in its steps', async () => {
    const before = model.answer;
    const basic = Buffer.from(`user:${canary}`).toString('base64');
    model.answer = () => ({ status: 400, errorMessage: `Bad tool key ${canary} (Basic ${basic}).` });
    const flow = aFlow()
      .chatInput()
      .prompt('{question} {found}')
      .model()
      .chatOutput()
      .node(spec('APIRequest'), { id: 'Api', fields: { url_input: `${named.url}/`, headers } })
      .node(spec('ParserComponent'), { id: 'Parser', fields: { mode: 'Stringify' } })
      .edge('Api', 'data', 'Parser', 'input_data')
      .edge('Parser', 'parsed_text', 'Prompt-2', 'found')
      .build();
    const { runId } = await world.ring(flow, { inputValue: 'hi', outputType: 'any', inputType: 'chat' });
    const { error } = await world.ended(runId);
    model.answer = before;
    expect(error?.message).toContain('The provider says: Bad tool key •••••••• (Basic');
    const sql = 'SELECT path, error FROM step_result WHERE run_id = $1 AND error IS NOT NULL';
    const { rows: steps } = await world.database.query(sql, [runId]);
    expect(steps.length).toBeGreaterThan(1);
    const kept = JSON.stringify([error, steps]) + world.output.text;
    expect(kept).not.toContain(canary);
    expect(kept).not.toContain(basic);
  });
});
