import type { FlowRead } from '@causeway/contracts';
import { expect, it } from 'vitest';
import { exportedSettings } from './flow-export.js';

it('an export leaves out where the flow lives and how it fares there, and its graph', () => {
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
