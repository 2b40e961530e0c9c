import type { FlowRead } from '@causeway/contracts';
import { SECRET_MASK } from '@causeway/dag';
import { describe, expect, it } from 'vitest';
import { exportedFlow } from './flow-export.js';

const secret = { password: true, value: SECRET_MASK, load_from_db: false };
function flowWith(template: Record<string, unknown>, extra: Record<string, unknown> = {}): FlowRead {
  const node = {
    id: 'n',
    position: { x: 1, y: 2 },
    selected: true,
    dragging: false,
    data: { id: 'n', type: 'T', node: { template, ...extra } },
  };
  return {
    id: 'f',
    name: 'F',
    user_id: 'u',
    folder_id: 'p',
    updated_at: 't',
    data: { nodes: [node], edges: [] },
  } as unknown as FlowRead;
}
function templateOf(flow: unknown): Record<string, { value: unknown }> {
  return (flow as { data: { nodes: { data: { node: { template: Record<string, { value: unknown }> } } }[] } })
    .data.nodes[0]!.data.node.template;
}

describe('exportedFlow', () => {
  it('leaves out what says where the flow lives and how it is looked at', () => {
    const text = JSON.stringify(exportedFlow(flowWith({})));
    expect(text).not.toMatch(/user_id|folder_id|updated_at|selected|dragging/);
    expect(text).toContain('"position"');
  });

  it('empties fields that hold nothing but secrets, keeps names of variables and other fields', () => {
    const other = { value: `Bearer ${SECRET_MASK}` };
    const named = { password: true, value: 'OPENAI_API_KEY', load_from_db: true };
    const template = templateOf(
      exportedFlow(
        flowWith({
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
    const inner = flowWith({ api_key: secret }).data;
    expect(JSON.stringify(exportedFlow(flowWith({}, { flow: { data: inner } })))).not.toContain(SECRET_MASK);
  });
});
