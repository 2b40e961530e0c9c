import { RunInput } from '@causeway/contracts';
import type { RunEnvelope } from '@causeway/contracts';
import type { Plan } from '@causeway/dag';
import { expect, test } from 'vitest';
import type { FlowRegistryClient } from '../../clients/flow-registry.client.js';
import type { Outside } from '../../runner/outside.js';
import { Secrecy } from './secrecy.js';

const rows = Array.from({ length: 40_000 }, (_none, index) => ({
  api_key: `k-${index}-abcdefgh`,
  name: 'x',
}));
const text = JSON.stringify({ body: JSON.stringify({ rows: JSON.stringify(rows) }) });
const field = { value: text, type: 'str', displayName: 'Body' };
const node = { id: 'n', displayName: 'Node', type: 'T', fields: { body: field } };
const plan = { nodes: { n: node } } as unknown as Plan;
const outside = { secrets: [], models: { providerBaseUrls: {} } } as unknown as Outside;

test('a long text of a flow is searched in turns, once for all of its runs', async () => {
  const secrecy = new Secrecy(outside, {} as FlowRegistryClient);
  const read = () => secrecy.of({ flowId: 'f' } as RunEnvelope, plan, new Map(), RunInput.parse({}), []);
  let turns = 0;
  let isDone = false;
  const count = (): void => {
    turns += 1;
    if (!isDone) setImmediate(count);
  };
  setImmediate(count);
  const [first] = await Promise.all([read(), read()]);
  expect(turns).toBeGreaterThan(5);
  expect(first.mask('k-39999-abcdefgh')).not.toContain('abcdefgh');
  turns = 0;
  await read();
  isDone = true;
  expect(turns).toBeLessThan(2);
});
