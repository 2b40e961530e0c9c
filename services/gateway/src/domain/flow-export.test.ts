import type { FlowRead } from '@causeway/contracts';
import { describe, expect, it } from 'vitest';
import { exportedFlow } from './flow-export.js';

const secret = { password: true, value: 'sk-secret', load_from_db: false };
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

  it('empties literal secrets in password fields, keeps names of variables and other fields', () => {
    const template = templateOf(
      exportedFlow(
        flowWith({ api_key: secret, other: { value: 'sk-kept' }, token: { ...secret, load_from_db: true } }),
      ),
    );
    expect(template['api_key']?.value).toBeNull();
    expect(template['other']?.value).toBe('sk-kept');
    expect(template['token']?.value).toBe('sk-secret');
  });

  it('empties secrets inside group nodes', () => {
    const inner = flowWith({ api_key: secret }).data;
    expect(JSON.stringify(exportedFlow(flowWith({}, { flow: { data: inner } })))).not.toContain('sk-secret');
  });
});
