import { JsonText } from '@causeway/contracts';
import { describe, expect, it } from 'vitest';
import { parseFlowBody as parseBytes } from './flow-body.js';

const parseFlowBody = (text: string): Promise<unknown> =>
  parseBytes(Buffer.from(text), text.startsWith('{"flows"') ? 'flows' : 'flow');

/** The result of `parseFlowBody`, with its graphs parsed. */
async function parsed(text: string): Promise<unknown> {
  const body = await parseFlowBody(text);
  return JSON.parse(
    JSON.stringify(body, (_name, value: unknown) =>
      value instanceof JsonText ? JSON.parse(value.text) : value,
    ),
  );
}

describe('parseFlowBody', () => {
  it('parses a body without its graph', async () => {
    const text =
      '{"name":"a \\"data\\": {","data" : {"nodes":[{"data":{"x":"}\\\\"}}],"edges":[]} ,"tags":["data"]}';
    const body = (await parseFlowBody(text)) as Record<string, unknown>;
    expect(body['data']).toEqual(new JsonText('{"nodes":[{"data":{"x":"}\\\\"}}],"edges":[]}'));
    expect(await parsed(text)).toEqual(JSON.parse(text));
  });

  it('finds the graphs of a list of flows', async () => {
    const text =
      '{"flows":[{"name":"a","data":{"nodes":[]}},{"data":{"flows":[{"data":{}}]},"name":"b"},{"name":"c"}]}';
    const { flows } = (await parseFlowBody(text)) as { flows: { data?: unknown }[] };
    expect(flows.map(({ data }) => data instanceof JsonText)).toEqual([true, true, false]);
    expect(await parsed(text)).toEqual(JSON.parse(text));
  });

  it('reads a name also with escapes, and takes the last of two', async () => {
    const body = (await parseFlowBody('{"d\\u0061ta":{"a":1},"data":{"b":2}}')) as { data: JsonText };
    expect(body.data.text).toBe('{"b":2}');
  });

  it('leaves a value that is not an object in the place of a graph, and a graph in another place', async () => {
    for (const text of [
      '{"data":null}',
      '{"data":3}',
      '{"data":"x"}',
      '{"data":[{"a":1}]}',
      '{"other":{"data":{"a":1}}}',
      '{"flows":{"data":{"a":1}}}',
      '{"flows":[[{"data":{}}]]}',
      '[{"data":{"a":1}}]',
      '"data"',
      '{}',
    ]) {
      const body = await parseFlowBody(text);
      expect(JSON.stringify(body)).toBe(text);
    }
  });

  it('refuses text around the graph that is not JSON, and leaves errors inside the graph to the registry', async () => {
    for (const text of [
      '{"data":{}',
      '{"data":{},}',
      '{"data":{}} x',
      '{"name":,"data":{}}',
      '{"data" {}}',
      '',
    ])
      await expect(parseFlowBody(text)).rejects.toThrow(SyntaxError);
    const body = (await parseFlowBody('{"data":{"nodes":[,]}}')) as { data: JsonText };
    expect(body.data.text).toBe('{"nodes":[,]}');
  });

  it('refuses too many levels and values, in a graph too', async () => {
    const deep = `{"data":{"a":${'['.repeat(200)}${']'.repeat(200)}}}`;
    await expect(parseFlowBody(deep)).rejects.toMatchObject({ code: 'REQUEST_INVALID' });
    const many = `{"data":{"a":[${'1,'.repeat(1_000_001)}1]}}`;
    await expect(parseFlowBody(many)).rejects.toMatchObject({ code: 'REQUEST_INVALID' });
  });

  it('gives the same result wherever a long text is interrupted', async () => {
    const text = `{"name":"n","data":{"nodes":[${'{"data":{"id":"\\\\"},"type":"x"},'.repeat(60_000)}{}]},"tags":[]}`;
    expect(text.length).toBeGreaterThan(1024 * 1024);
    expect(await parsed(text)).toEqual(JSON.parse(text));
  });
});
