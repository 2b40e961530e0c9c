import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { importFiles } from '../src/commands/import.js';
import { Output } from '../src/output.js';
import { captureOutput } from './capture.js';
import { type Site, openSite } from './site.js';

const [orders, other, third] = ['1', '2', '3'].map(
  (digit) => `${digit.repeat(8)}-1111-4111-8111-111111111111`,
);
const aFlow = (id: string | undefined, text = '', name = 'Orders') => ({
  ...(id !== undefined && { id }),
  name,
  description: text,
  data: { nodes: [], edges: [] },
});

let site: Site;
let folder: string;
let shown: { out: string };
/** The received files, in their order. */
let uploaded: string[];
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'causeway-twins-'));
  shown = captureOutput();
  uploaded = [];
  site = await openSite({
    'GET /api/v1/flows/': (response) => response.end('[]'),
    'POST /api/v1/flows/upload/': async (response, request) => {
      let body = '';
      for await (const chunk of request.setEncoding('utf8')) body += chunk;
      uploaded.push(/filename="(.*?)"/.exec(body)?.[1] ?? '');
      const file = JSON.parse(/\r\n\r\n([^]*?)\r\n--/.exec(body)?.[1] ?? '') as object;
      const flows = 'flows' in file ? (file.flows as object[]) : [file];
      response.end(JSON.stringify(flows.map((flow) => ({ updated_at: 'now', problems: [], ...flow }))));
    },
  });
});
afterEach(() => {
  vi.restoreAllMocks();
  site.close();
  rmSync(folder, { recursive: true });
});

async function importing(files: Record<string, object>): Promise<{ code: number; lines: string[] }> {
  const paths = Object.entries(files).map(([name, content]) => {
    writeFileSync(join(folder, name), JSON.stringify(content));
    return join(folder, name);
  });
  const code = await importFiles(site.api, paths, new Output(false));
  return { code, lines: shown.out.replaceAll(`${folder}/`, '').trimEnd().split('\n') };
}

test('two files that hold the same flow and differ are named together and refused, the others imported', async () => {
  const { code, lines } = await importing({
    'Orders (1).json': aFlow(orders, 'new'),
    'Orders.json': aFlow(orders?.toUpperCase(), 'old'),
    'Other.json': aFlow(other, '', 'Other'),
  });
  expect(code).toBe(1);
  expect(uploaded).toEqual(['Other.json']);
  expect(lines).toEqual([
    `imported  ${other}  Other`,
    `refused   Orders (1).json, Orders.json: these files hold the same flow, "Orders" (${orders}), with different content, so none of them is imported. Keep the file that you mean, or remove the "id" from the others to import them as separate flows`,
    '1 imported, 0 changed, 0 unchanged, 1 refused',
  ]);
});

test('a file of several flows is refused as a whole because of one of them; the other file is imported', async () => {
  const { code } = await importing({
    'both.json': { flows: [aFlow(orders, 'new'), aFlow(other)] },
    'orders.json': aFlow(orders, 'old'),
    'other.json': aFlow(other),
  });
  expect([code, uploaded]).toEqual([1, ['other.json']]);
});

test('of two files with the same flow one is imported, and the other is named', async () => {
  const { code, lines } = await importing({
    'a.json': aFlow(orders),
    // The members are in another order, and some have no meaning.
    'b.json': { extra: 1, ...Object.fromEntries(Object.entries(aFlow(orders)).toReversed()) },
    'c.json': { flows: [aFlow(orders), aFlow(third, '', 'Third')] },
  });
  expect([code, uploaded]).toEqual([0, ['a.json', 'c.json']]);
  expect(lines).toEqual([
    `imported  ${orders}  Orders`,
    `unchanged  ${orders}  Orders`,
    `imported  ${third}  Third`,
    'skipped    b.json: same as a.json',
    '2 imported, 0 changed, 0 unchanged, 0 refused',
  ]);
});

test('a project whose flows already exist is imported, because it says where they belong', async () => {
  await importing({ 'a.json': aFlow(orders), 'p.json': { folder_name: 'P', flows: [aFlow(orders)] } });
  expect(uploaded).toEqual(['a.json', 'p.json']);
});

test('flows without an id, or with an id that no import keeps, are different flows', async () => {
  await importing({
    'a.json': aFlow(undefined),
    'b.json': aFlow(undefined, 'x'),
    'c.json': aFlow('c-1'),
    'd.json': aFlow('c-1', 'x'),
  });
  expect(uploaded).toHaveLength(4);
});
