import { afterEach, expect, test } from 'vitest';
import { findFlow } from '../src/commands/find-flow.js';
import { type Site, openSite } from './site.js';

const flows = [
  { id: 'f-1', name: 'Basic Prompting', endpoint_name: 'basic' },
  { id: 'f-2', name: 'Twice', endpoint_name: null },
  { id: 'f-3', name: 'Twice', endpoint_name: null },
];
let site: Site;
afterEach(() => site.close());

test.each([
  [
    'basic prompting',
    'there is no flow named basic prompting in the team of the key; did you mean "Basic Prompting"?',
  ],
  ['bassic', 'there is no flow named bassic in the team of the key; did you mean "basic"?'],
  [
    'Market Research',
    'there is no flow named Market Research in the team of the key; import it with: npx causeway import FILE',
  ],
  ['Twice', '2 flows have the name Twice; use an id: f-2, f-3'],
])('%s is not a flow', async (wanted, told) => {
  site = await openSite({ 'GET /api/v1/flows/': (response) => response.end(JSON.stringify(flows)) });
  await expect(findFlow(site.api, wanted)).rejects.toThrow(told);
});
