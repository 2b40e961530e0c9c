import { randomUUID } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { aFlow } from '@causeway/testing';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Api, chatText } from '../support/api.js';
import { chatFlow, echoFlow } from '../support/flows.js';
import { bareFrames } from '../support/frames.js';
import { newAccount } from '../support/service-account.js';
import type { Stack } from '../support/stack.js';

interface Named {
  readonly id: string;
  readonly name: string;
}

/** So many runs at a time, of each of two people. */
const AT_ONCE = 10;
const ROUNDS = 6;

/** Attacks that other platforms did not withstand, and that belong to no other story. */
export function negativeStories({ api, causeway, provider }: Stack): void {
  let other: Api;
  let otherFlow: Named;
  beforeAll(async () => {
    const team = await api.ask<Named>('POST', '/api/platform/v1/teams', {
      body: { name: `Negative ${randomUUID()}` },
    });
    other = (await newAccount(api, team.id, 'owner')).api;
    otherFlow = await other.importFlow(echoFlow(`Other ${randomUUID()}`));
  });

  describe('code that arrives in a flow', () => {
    test('N1: is stored as text, and nothing executes it, however the flow arrives', async () => {
      const canary = join(tmpdir(), `causeway-canary-${randomUUID()}`);
      const codes = [
        `def f(x=__import__("os").system("touch ${canary}")): pass`,
        `@__import__("os").system("touch ${canary}")\nclass CustomComponent: pass`,
        `require('node:fs').writeFileSync('${canary}', '')`,
        `\${process.mainModule.require('child_process').execSync('touch ${canary}')}`,
        `{{constructor.constructor("return process")().mainModule.require("fs").writeFileSync("${canary}","")}}`,
      ];
      for (const code of codes) {
        const field = { type: 'code', name: 'code', value: code, show: true };
        const flow = aFlow()
          .chatInput({ code })
          .node(
            { type: 'CustomComponent', displayName: 'Custom', fields: [], outputs: [] },
            { id: 'Custom-1' },
          )
          .chatOutput({ code })
          .build();
        for (const { data } of flow.data.nodes)
          Object.assign(data.node, { code, template: { ...data.node.template, code: field } });
        const text = JSON.stringify(flow);
        const imported = await api.upload('/api/v1/flows/upload', 'flow.json', text);
        expect(imported.status).toBe(201);
        const [{ id }] = imported.json<[Named]>();
        await api.send('POST', '/api/v1/flows/', { body: { name: randomUUID(), data: flow.data } });
        await api.run(id, { input_value: code, tweaks: { 'ChatInput-1': { input_value: code } } });
        await api.send('POST', '/api/v1/validate/prompt', {
          body: { name: 'template', template: code, frontend_node: { template: { code: field } } },
        });
      }
      expect(existsSync(canary)).toBe(false);
    });

    test('N2: is not taken from the request for a run: the stored version runs', async () => {
      const { id } = await api.importFlow(echoFlow());
      const { data } = chatFlow();
      const before = provider.calls().length;
      const brought = {
        data,
        nodes: data.nodes,
        flow: { data },
        code: 'import os',
        graph: data,
        flow_data: { data },
      };
      const answer = await api.run(id, { input_value: 'as stored', ...brought });
      expect(chatText(answer)).toBe('as stored');
      for (const path of [`/api/v1/run/${id}?stream=true`, `/api/v1/webhook/${id}`])
        expect((await api.send('POST', path, { body: brought })).status).toBeLessThan(500);
      const read = await api.ask<{ data: { nodes: readonly unknown[] } }>('GET', `/api/v1/flows/${id}`);
      expect(read.data.nodes).toHaveLength(2);
      expect(provider.calls()).toHaveLength(before);
    });
  });

  test.each([
    '../../a.txt',
    '..\\..\\a.txt',
    '..%2f..%2fa.txt',
    '%2e%2e%5ca.txt',
    '/etc/passwd',
    'C:\\a.txt',
    '\u2025/a.txt',
    '．．／a.txt',
    'CON',
    'aux.txt',
    '.env',
    'x'.repeat(256),
    '__proto__',
  ])('N8: a file that is named %j is refused, or stored under a name of ours', async (name) => {
    const answer = await api.upload('/api/v2/files', name, 'harmless');
    expect(answer.status).toBeOneOf([201, 400]);
    if (answer.status === 400) return;
    const { id } = answer.json<Named>();
    const read = await api.send('GET', `/api/v2/files/${id}`);
    expect(read.text).toBe('harmless');
    // What a browser would take for a path stays encoded.
    expect(read.headers.get('content-disposition')).not.toMatch(/filename="[^"]*[/\\]/);
    const stored = readdirSync(join(causeway.home, 'objects'), { recursive: true, encoding: 'utf8' });
    expect(stored.filter((path) => !/^[\w/.-]*$/.test(path) || path.includes('..'))).toEqual([]);
    await api.ask('DELETE', `/api/v2/files/${id}`);
  });

  describe('a request about objects of which some belong to another team', () => {
    test('N32: shows and deletes none of these', async () => {
      const [own, more] = [await api.importFlow(echoFlow()), await api.importFlow(echoFlow())];
      const flows = [own.id, otherFlow.id];
      const download = await api.send('POST', '/api/v1/flows/download', { body: flows });
      expect(download.json()).toMatchObject({ code: 'FLOW_UNKNOWN' });
      const project = await api.send('POST', '/api/v1/projects', {
        body: { name: randomUUID(), flows_list: flows },
      });
      expect(project.status).toBe(404);
      expect(await api.ask('DELETE', '/api/v1/flows', { body: [...flows, more.id] })).toEqual({ deleted: 2 });
      expect((await other.send('GET', `/api/v1/flows/${otherFlow.id}`)).status).toBe(200);

      const file = (await api.upload('/api/v2/files', `${randomUUID()}.txt`, 'own')).json<Named>();
      const theirs = (await other.upload('/api/v2/files', `${randomUUID()}.txt`, 'theirs')).json<Named>();
      const files = { body: [file.id, theirs.id] };
      const zipped = await api.send('POST', '/api/v2/files/batch', files);
      expect(zipped.text).not.toContain('theirs');
      await api.send('DELETE', '/api/v2/files/batch', files);
      expect((await other.send('GET', `/api/v2/files/${theirs.id}`)).text).toBe('theirs');

      await other.run(otherFlow.id, { input_value: 'x', session_id: randomUUID() });
      const messages = await other.ask<Named[]>('GET', `/api/v1/monitor/messages?flow_id=${otherFlow.id}`);
      await api.send('DELETE', '/api/v1/monitor/messages', { body: messages.map(({ id }) => id) });
      expect(await other.ask('GET', `/api/v1/monitor/messages?flow_id=${otherFlow.id}`)).toEqual(messages);
    });
  });

  test('N40: people who use one flow runner and one provider at the same time see nothing of one another', async () => {
    provider.setScript([]);
    const flow = await api.importFlow(chatFlow());
    const otherChat = await other.importFlow(chatFlow());
    const asks = [
      { who: api, flowId: flow.id, word: 'first' },
      { who: other, flowId: otherChat.id, word: 'second' },
    ];
    for (let round = 0; round < ROUNDS; round++)
      await Promise.all(
        Array.from({ length: AT_ONCE }, (_, at) => at).flatMap((at) =>
          asks.map(async ({ who, flowId, word }) => {
            const mine = `${word}-${randomUUID()}`;
            const text = at % 2 === 0 ? await answerOf(who, flowId, mine) : await streamOf(who, flowId, mine);
            const said = new Set(text.match(/(?:first|second)-[0-9a-f-]{36}/g));
            expect([...said]).toEqual([mine]);
          }),
        ),
      );
  });
}

async function answerOf(api: Api, flowId: string, input: string): Promise<string> {
  return (await api.run(flowId, { input_value: input, session_id: randomUUID() })).text;
}

async function streamOf(api: Api, flowId: string, input: string): Promise<string> {
  const body = { input_value: input, session_id: randomUUID() };
  const response = await api.open('POST', `/api/v1/run/${flowId}?stream=true`, { body });
  const frames: string[] = [];
  for await (const frame of bareFrames(response)) frames.push(JSON.stringify(frame));
  return frames.join('\n');
}
