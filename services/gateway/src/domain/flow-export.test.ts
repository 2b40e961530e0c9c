import type { FlowRead } from '@causeway/contracts';
import { expect, it } from 'vitest';
import { exportedSettings } from './flow-export.js';

it('an export leaves out the graph and all keys that belong to this installation only', () => {
  const flow = {
    id: 'f',
    name: 'F',
    user_id: 'u',
    folder_id: 'p',
    updated_at: 't',
    problems: [],
    data: { nodes: [], edges: [] },
  };
  expect(exportedSettings(flow as unknown as FlowRead)).toEqual({ id: 'f', name: 'F' });
});
