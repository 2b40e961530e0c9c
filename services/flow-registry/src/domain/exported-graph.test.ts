import type { Json } from '@causeway/dag';
import { SECRET_MASK } from '@causeway/dag';
import { describe, expect, it } from 'vitest';
import { exportedGraph } from './exported-graph.js';

const secret = { password: true, value: SECRET_MASK, load_from_db: false };
function graphWith(template: Record<string, unknown>, extra: Record<string, unknown> = {}): Json {
  const node = {
    id: 'n',
    position: { x: 1, y: 2 },
    selected: true,
    dragging: false,
    data: { id: 'n', type: 'T', node: { template, ...extra } },
  };
  return { nodes: [node], edges: [] } as unknown as Json;
}
function templateOf(flow: unknown): Record<string, { value: unknown }> {
  return (flow as { nodes: { data: { node: { template: Record<string, { value: unknown }> } } }[] }).nodes[0]!
    .data.node.template;
}

describe('exportedGraph', () => {
  it('leaves out the editor’s view of nodes', () => {
    const text = JSON.stringify(exportedGraph(graphWith({})));
    expect(text).not.toMatch(/selected|dragging/);
    expect(text).toContain('"position"');
  });

  it('empties fields that hold only a secret, keeps names of variables and other fields', () => {
    const other = { value: `Bearer ${SECRET_MASK}` };
    const named = { password: true, value: 'OPENAI_API_KEY', load_from_db: true };
    const template = templateOf(
      exportedGraph(
        graphWith({
          api_key: secret,
          keys: { value: [SECRET_MASK, SECRET_MASK] },
          none: { value: [] },
          other,
          named,
        }),
      ),
    );
    const values = Object.fromEntries(Object.entries(template).map(([name, { value }]) => [name, value]));
    expect(values).toEqual({
      api_key: null,
      keys: null,
      none: [],
      other: `Bearer ${SECRET_MASK}`,
      named: 'OPENAI_API_KEY',
    });
  });

  it('empties secrets inside group nodes', () => {
    const inner = graphWith({ api_key: secret });
    expect(JSON.stringify(exportedGraph(graphWith({}, { flow: { data: inner } })))).not.toContain(
      SECRET_MASK,
    );
  });
});
