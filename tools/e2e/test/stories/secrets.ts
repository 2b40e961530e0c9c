import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ScriptedProvider } from '@causeway/scripted-provider';
import { aFlow } from '@causeway/testing';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Watch } from '../canaries/watch.js';
import type { Api } from '../support/api.js';
import { bareFrames } from '../support/frames.js';
import { openAiFlow, shapeOf } from '../support/flows.js';

/**
 * Each secret that is given to a run is a canary: it may be used, but must not be visible anywhere.
 *
 * @param openai  the server in place of OpenAI, which receives the keys of flows
 * @param watch   keeps what the platform says meanwhile; the stories of canaries search it, and everything else
 */
export function secretStories(openai: ScriptedProvider, watch: Watch): void {
  describe('a secret', () => {
    const { planted } = watch;
    let api: Api;
    beforeAll(async () => {
      await watch.begin();
      ({ api } = watch);
    });
    const canaries = {
      tweak: planted.make('model key in a tweak'),
      header: planted.make('request variable'),
      variable: planted.make('variable'),
      file: planted.make('model key in a flow'),
      rejectedKey: planted.make('API key'),
    };
    /** Further ones, which runs use that fail, are cancelled or are watched. */
    const more = Array.from({ length: 5 }, () => ({
      tweak: planted.make('model key in a tweak'),
      header: planted.make('request variable'),
      variable: planted.make('variable'),
    }));
    const finder = planted.finder();
    const holdsOne = (text: string): boolean => finder.find(text).size > 0;
    const answers: string[] = [];

    test('reaches its provider from a tweak, a header, a variable and the flow itself', async () => {
      const flow = openAiFlow(canaries.file);
      const variable = 'CANARY_KEY';
      const body = { name: variable, value: canaries.variable, type: 'Credential' };
      answers.push((await api.send('POST', '/api/v1/variables', { body })).text);
      const imported = await api.upload('/api/v1/flows/upload', 'secrets.json', JSON.stringify(flow));
      const [{ id } = { id: '' }] = imported.json<{ id: string }[]>();
      const model = flow.data.nodes[2]?.id ?? '';
      const naming = openAiFlow(variable, 'OpenAI by variable');
      Object.assign(naming.data.nodes[2]?.data.node.template['api_key'] as object, { load_from_db: true });
      const byVariable = (await api.importFlow(naming)).id;
      const fromVariable = { [model]: { api_key: { value: variable, load_from_db: true } } };
      const runs: [string, object, Record<string, string>][] = [
        [id, {}, {}],
        [id, { tweaks: { [model]: { api_key: canaries.tweak } } }, {}],
        [byVariable, {}, {}],
        [id, { tweaks: fromVariable }, { 'x-langflow-global-var-canary_key': canaries.header }],
      ];
      const since = openai.calls().at(-1)?.sequence ?? 0;
      const chosen = await api.run(id, { input_value: 'x', tweaks: fromVariable });
      expect([chosen.status, chosen.text]).toEqual([
        400,
        expect.stringContaining('a request cannot choose stored credentials'),
      ]);
      answers.push(chosen.text);
      for (const [flowId, body_, headers] of runs) {
        const answer = await api.run(flowId, { input_value: 'x', ...body_ }, headers);
        expect([answer.status, answer.text]).toEqual([200, expect.stringContaining('You said')]);
        answers.push(answer.text, (await api.send('GET', `/api/platform/v1/runs/${answer.runId}`)).text);
      }
      const seen = openai.calls(since).map(({ authorization }) => authorization);
      expect(seen).toHaveLength(4);
      expect(new Set(seen).size).toBe(4);
    });

    test('N23: is not sent to an address that the request names, unless the request brings the secret', async () => {
      const got: string[] = [];
      const elsewhere = createServer((request, response) => {
        got.push(request.headers.authorization ?? '');
        response.writeHead(401).end('{}');
      }).listen(0, '127.0.0.1');
      await once(elsewhere, 'listening');
      const address = `http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}/v1`;
      const flow = aFlow()
        .node('ChatInput', { id: 'In' })
        .node(shapeOf('OpenAIModel'), {
          id: 'Model',
          fields: { model_name: 'gpt-4.1', api_key: canaries.file },
          template: { api_key: { load_from_db: false } },
        })
        .node('ChatOutput', { id: 'Out' })
        .edge('In', 'message', 'Model', 'input_value')
        .edge('Model', 'text_output', 'Out', 'input_value')
        .build();
      const { id } = await api.importFlow(flow);
      const lured = await api.run(
        id,
        { input_value: 'x' },
        { 'x-langflow-global-var-openai_base_url': address, 'x-langflow-global-var-default_model': 'xai/x' },
      );
      expect(lured.status).toBe(200);
      const base = { openai_api_base: address };
      const refused = await api.run(id, { input_value: 'x', tweaks: { Model: base } });
      expect([refused.status, refused.text]).toEqual([400, expect.stringContaining('MODEL_KEY_WITHHELD')]);
      expect(got).toEqual([]);
      const brought = { Model: { ...base, api_key: canaries.tweak } };
      const failed = await api.run(id, { input_value: 'x', tweaks: brought });
      answers.push(lured.text, refused.text, failed.text);
      expect([...new Set(got)]).toEqual([`Bearer ${canaries.tweak}`]);
      const hosts = [new URL(address).origin];
      const list = `/api/platform/v1/flows/${id}/allowed-hosts`;
      expect((await api.send('PUT', list, { body: { hosts } })).json()).toEqual({ hosts });
      expect((await api.send('GET', list)).json()).toEqual({ hosts });
      answers.push((await api.run(id, { input_value: 'x', tweaks: { Model: base } })).text);
      expect(got).toContain(`Bearer ${canaries.file}`);
      elsewhere.close();
    });

    test('N24: is not in errors', async () => {
      const flow = await api.importFlow(openAiFlow(''));
      const tweaks = { 'LanguageModelComponent-3': { api_key: canaries.tweak } };
      openai.setScript([
        { reply: { status: 401, errorMessage: `Incorrect API key provided: ${canaries.tweak}` } },
      ]);
      const failed = await api.run(flow.id, { input_value: 'x', tweaks });
      expect(failed.status).toBe(502);
      answers.push(failed.text, (await api.send('GET', `/api/platform/v1/runs/${failed.runId}`)).text);
      const streamed = await api.open('POST', `/api/v1/run/${flow.id}?stream=true`, {
        body: { input_value: 'x', tweaks },
      });
      for await (const frame of bareFrames(streamed)) answers.push(JSON.stringify(frame));
      openai.setScript([]);
      const headers = { 'x-langflow-global-var-other': canaries.header };
      const invalid = await api.run(
        flow.id,
        { tweaks: { 'Prompt-2': { template: { load_from_db: canaries.tweak } } } },
        headers,
      );
      expect(invalid.status).toBe(400);
      answers.push(invalid.text, (await api.as(canaries.rejectedKey).send('GET', '/api/v1/flows')).text);
      answers.push(
        (await api.as(undefined).send('GET', `/api/v1/flows?x-api-key=${canaries.rejectedKey}`)).text,
      );
      expect(answers.filter(holdsOne)).toEqual([]);
    });

    test('N24: is not left behind by runs that fail, stream or repeat what they were sent', async () => {
      const plain = await api.importFlow(openAiFlow('', 'Canaries'));
      for (const [index, { tweak, header, variable }] of more.entries()) {
        const name = `CANARY_${index}`;
        const body = { name, value: variable, type: 'Credential' };
        answers.push((await api.send('POST', '/api/v1/variables', { body })).text);
        const naming = openAiFlow(name, `Canary ${index}`);
        Object.assign(naming.data.nodes[2]?.data.node.template['api_key'] as object, { load_from_db: true });
        const { id } = await api.importFlow(naming);
        // These are not tried again, so the test is short.
        const status = [400, 401, 403, 404, 200][index] ?? 200;
        // A provider can repeat what it was sent, as it is or encoded.
        const repeat = (sent: string): void => {
          const errorMessage = `${sent} ${Buffer.from(sent).toString('base64')} ${encodeURIComponent(sent)}`;
          openai.setScript(status === 200 ? [] : [{ reply: { status, errorMessage } }]);
        };
        const headers = { [`x-langflow-global-var-${name.toLowerCase()}`]: header };
        const tweaks = { 'LanguageModelComponent-3': { api_key: tweak } };
        const runs: [string, () => ReturnType<typeof api.run>][] = [
          [variable, () => api.run(id, { input_value: 'x' })],
          [header, () => api.run(id, { input_value: 'x' }, headers)],
          [tweak, () => api.run(plain.id, { input_value: 'x', tweaks })],
        ];
        for (const [sent, run] of runs) {
          repeat(sent);
          const answer = await run();
          answers.push(answer.text, (await api.send('GET', `/api/platform/v1/runs/${answer.runId}`)).text);
        }
        repeat(variable);
        const streamed = await api.open('POST', `/api/v1/run/${id}?stream=true`, {
          body: { input_value: 'x' },
        });
        for await (const frame of bareFrames(streamed)) answers.push(JSON.stringify(frame));
      }
      openai.setScript([]);
      expect(answers.length).toBeGreaterThan(40);
      expect(answers.filter(holdsOne)).toEqual([]);
    });
  });
}
