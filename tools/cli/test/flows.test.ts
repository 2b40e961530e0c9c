import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { allowHosts, flows } from '../src/commands/flows.js';
import { runs } from '../src/commands/runs.js';
import { Output } from '../src/output.js';
import { captureOutput } from './capture.js';
import { type Site, openSite, refuse } from './site.js';

const list = [
  { id: 'f-1', name: 'Good', endpoint_name: 'good', problems: [{ code: 'ODD', severity: 'warning' }] },
  { id: 'f-2', name: 'Bad', endpoint_name: null, problems: [{ code: 'CYCLE', severity: 'blocking' }] },
];
const run = {
  id: 'r-1',
  flowId: 'f-2',
  status: 'running',
  trigger: 'api',
  submittedAt: '2027-01-31T12:00:00.000Z',
  finishedAt: null,
  errorCode: null,
};
const output = new Output(false);

let site: Site;
let shown: { out: string };
beforeEach(() => void (shown = captureOutput()));
afterEach(() => {
  vi.restoreAllMocks();
  site.close();
});

test('flows are listed with the problems that keep them from running', async () => {
  site = await openSite({ 'GET /api/v1/flows/': (response) => response.end(JSON.stringify(list)) });
  await flows(site.api, output);
  expect(shown.out).toBe(
    `name  id   endpoint  runs\nGood  f-1  good      yes\nBad   f-2            no: CYCLE\n`,
  );
});

test.each([
  ['with the names of their flows', true, 'Bad'],
  ['with ids where the key may not read flows', false, 'f-2'],
])('runs are listed %s', async (_how, mayRead, flow) => {
  site = await openSite({
    'GET /api/platform/v1/runs': (response) => response.end(JSON.stringify({ items: [run] })),
    'GET /api/v1/flows/': (response) =>
      mayRead ? response.end(JSON.stringify(list)) : refuse(response, 403, 'PERMISSION_DENIED', 'no'),
  });
  await runs(site.api, { limit: '20' }, output);
  expect(shown.out).toMatch(new RegExp(`^run +flow +status.*\\nr-1 +${flow} +running`));
});

test('the hosts of a flow’s list are set as given, and shown when none is given', async () => {
  const path = '/api/platform/v1/flows/f-1/allowed-hosts';
  let stored = '{"hosts":[]}';
  site = await openSite({
    'GET /api/v1/flows/': (response) => response.end(JSON.stringify(list)),
    [`GET ${path}`]: (response) => response.end(stored),
    [`PUT ${path}`]: async (response, request) => {
      stored = '';
      for await (const chunk of request.setEncoding('utf8')) stored += chunk;
      response.end(stored);
    },
  });
  await allowHosts(site.api, 'Good', [], false, output);
  await allowHosts(site.api, 'Good', ['a.test', 'b.test:81'], false, output);
  await allowHosts(site.api, 'Good', [], true, output);
  expect(shown.out).toBe('Good has no hosts in its list\na.test\nb.test:81\nGood has no hosts in its list\n');
});
