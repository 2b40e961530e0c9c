import { aFlow } from '@causeway/testing';
import { describe, expect, test } from 'vitest';
import type { Answer, ErrorBody, RunAnswer } from '../support/api.js';
import { chatText } from '../support/api.js';
import { chatFlow, echoFlow, shapeOf, variableFlow, webhookFlow } from '../support/flows.js';
import type { Stack } from '../support/stack.js';

/** Expects one clear error: its status, its code, and words that name the object. */
function expectRefusal(answer: Answer, status: number, code: string, words: RegExp): void {
  const { detail, code: told, request_id: requestId } = answer.json<ErrorBody>();
  expect({ status: answer.status, code: told, detail }).toEqual({
    status,
    code,
    detail: expect.stringMatching(words),
  });
  expect(requestId).not.toBe('');
}

/** Wrong input, sent by mistake or on purpose. */
export function badInputStories({ api }: Stack): void {
  const upload = (text: string | Uint8Array) => api.upload('/api/v1/flows/upload', 'broken.json', text);
  const runOf = async (flow: object, body: object = { input_value: 'x' }) =>
    api.run((await api.importFlow(flow)).id, body);

  describe('a file that is not a flow', () => {
    test('is named when it is not JSON, with the place of the error', async () => {
      expectRefusal(await upload('{"data": [1, 2'), 400, 'FLOW_INVALID', /broken\.json.*(JSON|line)/i);
    });
    test('is named when it is JSON of another kind', async () => {
      for (const text of ['{"a": 1}', '[]', '"text"', 'null', '42', '{"data": {"nodes": 7}}'])
        expectRefusal(await upload(text), 400, 'FLOW_INVALID', /broken\.json/);
    });
    test('is refused beyond 20 MB, and the limit is named', async () => {
      const text = JSON.stringify({ ...chatFlow(), description: 'x'.repeat(21 * 1024 ** 2) });
      expectRefusal(await upload(text), 413, 'PAYLOAD_TOO_LARGE', /CAUSEWAY_MAX_FLOW_BYTES|20/);
    });
    test('is refused when it is nested 10,000 deep', async () => {
      const deep = `{"data":${'['.repeat(10_000)}${']'.repeat(10_000)}}`;
      expectRefusal(await upload(deep), 400, 'FLOW_INVALID', /deep|nest/i);
    });
    test('is refused when it is not a file at all', async () => {
      const answer = await api.send('POST', '/api/v1/flows/upload', { body: { name: 'x' } });
      expectRefusal(answer, 400, 'REQUEST_INVALID', /multipart.*file/);
    });
  });

  describe('a flow that cannot run is stored, and a run of it is refused', () => {
    test('for a cycle without a loop or a router: its nodes are named', async () => {
      const flow = aFlow('Cycle')
        .node('Prompt', {
          id: 'Prompt-a',
          fields: { template: '{x}', x: '' },
          template: { x: { input_types: ['Message'] } },
        })
        .node('Prompt', {
          id: 'Prompt-b',
          fields: { template: '{x}', x: '' },
          template: { x: { input_types: ['Message'] } },
        })
        .node('ChatOutput', { id: 'ChatOutput-c' })
        .edge('Prompt-a', 'prompt', 'Prompt-b', 'x')
        .edge('Prompt-b', 'prompt', 'Prompt-a', 'x')
        .edge('Prompt-b', 'prompt', 'ChatOutput-c', 'input_value')
        .build();
      expectRefusal(
        await runOf(flow),
        400,
        'FLOW_CANNOT_RUN',
        /Prompt-a[\s\S]*Prompt-b|Prompt-b[\s\S]*Prompt-a/,
      );
    });
    test('for braces in a prompt that name no variable: node and place are named', async () => {
      const flow = aFlow('Braces')
        .node('Prompt', { id: 'Prompt-a', fields: { template: 'Answer as {"status": "ok"}' } })
        .node('ChatOutput', { id: 'ChatOutput-c' })
        .edge('Prompt-a', 'prompt', 'ChatOutput-c', 'input_value')
        .build();
      expectRefusal(await runOf(flow), 400, 'FIELD_INVALID', /Prompt-a[\s\S]*at character 11/);
      const tweaks = { 'Prompt-a': { template: 'fine' } };
      expect(chatText(await runOf(flow, { input_value: 'x', tweaks }))).toBe('fine');
      const worse = { 'Prompt-a': { template: 'still {not fine' } };
      expectRefusal(
        await runOf(flow, { input_value: 'x', tweaks: worse }),
        400,
        'FIELD_INVALID',
        /at character 7/,
      );
    });
    test('for an edge to a node that does not exist', async () => {
      const flow = aFlow().node('ChatInput', { id: 'In' }).node('ChatOutput', { id: 'Out' });
      const broken = flow
        .edge('In', 'message', 'Out', 'input_value')
        .edge('In', 'message', 'Ghost', 'x')
        .build();
      expectRefusal(await runOf(broken), 400, 'FLOW_CANNOT_RUN', /Ghost/);
    });
    test('for an edge to a port that does not exist', async () => {
      const flow = aFlow().node('ChatInput', { id: 'In' }).node('ChatOutput', { id: 'Out' });
      const broken = flow.edge('In', 'message', 'Out', 'no_such_field').build();
      expectRefusal(await runOf(broken), 400, 'FLOW_CANNOT_RUN', /no_such_field/);
    });
    test('for types that do not fit', async () => {
      const flow = aFlow('Misfit')
        .node('ChatInput', { id: 'In' })
        .node('LanguageModelComponent', { id: 'Model-x' })
        .node('ChatOutput', { id: 'Out' })
        .edge('In', 'message', 'Model-x', 'input_value')
        .edge('Model-x', 'model_output', 'Out', 'input_value')
        .build();
      expectRefusal(await runOf(flow), 400, 'FLOW_CANNOT_RUN', /LanguageModel/);
    });
    test('for two nodes with one id', async () => {
      const flow = aFlow().node('ChatInput', { id: 'Twin' }).node('ChatOutput', { id: 'Twin' }).build();
      expectRefusal(await runOf(flow), 400, 'FLOW_CANNOT_RUN', /Twin/);
    });
    test('N4, N22: for an unknown type, and for edited code', async () => {
      const unknown = aFlow().node('MoonPhase', { id: 'Moon-1' }).node('ChatOutput', { id: 'Out' }).build();
      expectRefusal(await runOf(unknown), 400, 'FLOW_CANNOT_RUN', /MoonPhase/);
      const edited = aFlow()
        .node('ChatInput', { id: 'In', node: { edited: true } })
        .node('ChatOutput', { id: 'Out' })
        .edge('In', 'message', 'Out', 'input_value')
        .build();
      expectRefusal(await runOf(edited), 400, 'FLOW_CANNOT_RUN', /edited/);
    });
    test('but not for nodes that a run never reaches', async () => {
      const flow = aFlow().chatInput().chatOutput().node('MoonPhase', { id: 'Moon-1' }).build();
      expect(chatText(await runOf(flow))).toBe('x');
    });
    test('for a required field without a value: node, field and remedy are named', async () => {
      const flow = aFlow()
        .node(shapeOf('ConditionalRouter'), { id: 'If-1' })
        .node('ChatOutput', { id: 'Out' });
      const answer = await runOf(flow.edge('If-1', 'true_result', 'Out', 'input_value').build());
      expect(answer.status).toBe(400);
      expect(['FIELD_MISSING', 'FLOW_CANNOT_RUN']).toContain(answer.json().code);
      expect(answer.json().detail).toMatch(/If-Else|If-1/);
      expect(answer.json().detail).toMatch(/input_text|match_text|Text Input|Match Text/);
    });
    test('for a variable that does not exist: the command that sets it is named', async () => {
      const answer = await runOf(variableFlow('NO_SUCH_VARIABLE'), {
        input_type: 'text',
        output_type: 'any',
      });
      expectRefusal(answer, 400, 'VARIABLE_MISSING', /npx causeway vars set NO_SUCH_VARIABLE/);
    });
  });

  describe('names of members of JavaScript objects', () => {
    const forbidden = ['__proto__', 'constructor', 'toString'];
    test('N4, N39: as a type, a field, an id or a tweak change nothing', async () => {
      for (const name of forbidden) {
        const odd = aFlow()
          .chatInput()
          .chatOutput()
          .node({ type: name, displayName: name, fields: [], outputs: [] }, { id: `${name}-1` })
          .build();
        const text = JSON.stringify(odd)
          .replace('"template":{', `"template":{"${name}":{"type":"str","value":"polluted"},`)
          .replace('"fields":{', `"fields":{"${name}":{},`);
        const [flow] = (await upload(text)).json<{ id: string }[]>();
        const answer = await api.run(flow?.id ?? '', { input_value: 'x' });
        expect([200, 400]).toContain(answer.status);
        const twin = JSON.stringify(echoFlow()).replaceAll('ChatInput-1', name);
        const [second] = (await upload(twin)).json<{ id: string }[]>();
        expect([200, 400]).toContain((await api.run(second?.id ?? '', { input_value: 'x' })).status);
      }
      const { id } = await api.importFlow(echoFlow());
      const tweaks = '{"__proto__":{"polluted":"yes"},"ChatOutput-2":{"__proto__":{"polluted":"yes"}}}';
      const body = `{"input_value":"clean","tweaks":${tweaks}}`;
      const answer = await api.send('POST', `/api/v1/run/${id}`, { body });
      expect(chatText(answer)).toBe('clean');
      // The tweaks that were ignored are named in the warnings.
      expect(JSON.stringify(answer.json<{ outputs: unknown }>().outputs)).not.toContain('polluted');
    });
    test('N39: in a serialised LangChain object stay data', async () => {
      const lc = {
        lc: 1,
        type: 'constructor',
        id: ['langchain_core', 'messages', 'HumanMessage'],
        kwargs: { content: 'gotcha' },
      };
      const { id } = await api.importFlow(echoFlow());
      expect(chatText(await api.run(id, { input_value: JSON.stringify(lc) }))).toBe(JSON.stringify(lc));
      const hook = await api.importFlow(webhookFlow());
      const { run_id: runId } = await api.ask<{ run_id: string }>('POST', `/api/v1/webhook/${hook.id}`, {
        body: lc,
      });
      await expect.poll(async () => (await api.getRun(runId)).status).toBe('succeeded');
      expect(JSON.stringify((await api.getRun(runId)).result)).toContain('HumanMessage');
    });
  });

  describe('a request', () => {
    test('for an unknown flow', async () => {
      expectRefusal(await api.run('no-such-flow'), 404, 'FLOW_UNKNOWN', /no-such-flow/);
    });
    test('whose body is not JSON', async () => {
      const { id } = await api.importFlow(echoFlow());
      const answer = await api.send('POST', `/api/v1/run/${id}`, { body: '{"input_value": ' });
      expectRefusal(answer, 400, 'REQUEST_NOT_JSON', /JSON/);
    });
    test('N16, N26: whose fields are of the wrong type: each is named', async () => {
      const { id } = await api.importFlow(echoFlow());
      const answer = await api.run(id, { input_value: 7, output_type: 'song' });
      expectRefusal(answer, 400, 'REQUEST_INVALID', /body\.input_value.*body\.output_type/s);
    });
    test('whose tweaks are not an object, or not usable', async () => {
      const { id } = await api.importFlow(chatFlow());
      expectRefusal(await api.run(id, { tweaks: 'x' }), 400, 'REQUEST_INVALID', /body\.tweaks/);
      const tweaks = { 'Prompt-2': { template: { load_from_db: 'perhaps' } } };
      expectRefusal(await api.run(id, { tweaks }), 400, 'TWEAK_INVALID', /template/);
    });
    test('N2, N16: that would change code', async () => {
      const flow = aFlow().chatInput({ code: 'print(1)' }).chatOutput().build();
      const code = flow.data.nodes[0]?.data.node.template['code'];
      if (typeof code === 'object') code.type = 'code';
      const answer = await runOf(flow, {
        input_value: 'x',
        tweaks: { 'ChatInput-1': { code: 'import os' } },
      });
      expectRefusal(answer, 400, 'TWEAK_CODE', /code/);
    });
    test('that gives its input twice', async () => {
      const body = { input_value: 'a', tweaks: { 'ChatInput-1': { input_value: 'b' } } };
      expectRefusal(await runOf(echoFlow(), body), 400, 'INPUT_CONFLICT', /Chat Input|ChatInput-1/);
    });
    test('to a webhook without a body', async () => {
      const { id } = await api.importFlow(webhookFlow());
      expectRefusal(await api.send('POST', `/api/v1/webhook/${id}`), 400, 'BODY_EMPTY', /empty/);
    });
    test('whose body is too large: the limit is named', async () => {
      const { id } = await api.importFlow(echoFlow());
      const answer = await api.run(id, { input_value: 'x'.repeat(6 * 1024 ** 2) });
      expectRefusal(answer, 413, 'BODY_TOO_LARGE', /5242880.*CAUSEWAY_MAX_BODY_BYTES/);
    });
    test('N47: nested 10,000 deep is answered', async () => {
      const { id } = await api.importFlow(echoFlow());
      const deep = `{"input_value":"x","tweaks":{"a":${'['.repeat(10_000)}${']'.repeat(10_000)}}}`;
      const answer = await api.send('POST', `/api/v1/run/${id}`, { body: deep });
      expect([200, 400]).toContain(answer.status);
      if (answer.status === 400) expect(answer.json().code).not.toBe('INTERNAL');
    });
    test('with lone surrogates and NULs keeps them', async () => {
      const { id } = await api.importFlow(echoFlow());
      const answer = await api.send('POST', `/api/v1/run/${id}`, {
        body: String.raw`{"input_value":"a\u0000b\ud800c"}`,
      });
      expect(answer.status).toBe(200);
      expect(answer.json<RunAnswer>().outputs[0]?.outputs[0]?.results['message']?.text).toBe(
        'a\u0000b\ud800c',
      );
      expect((await api.getRun(answer.runId ?? '')).status).toBe('succeeded');
    });
  });
}
