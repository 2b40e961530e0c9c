import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { catalogue } from '@causeway/components/specs';
import { type FlowDocument, compileFlow, parseFlowFile } from '@causeway/dag';
import { type DevFlow, devFlows } from '@causeway/testing';
import { describe, expect, test } from 'vitest';
import { type FlowRow, chatText } from '../support/api.js';
import { causewayCli } from '../support/cli.js';
import { type DevFlowRow, writeDevFlowTable } from '../support/dev-flow-table.js';
import type { Site } from '../support/site.js';
import type { Stack } from '../support/stack.js';

const NOTES = 'The causeway is dry at low tide.';
const BATCH_TIMEOUT_MS = 180_000;
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** Every flow in Langflow's own repository, from 0.6 to 1.10. `site` replaces the pages that they fetch. */
export function devFlowStories({ api, provider }: Stack, site: Site): void {
  const flows = devFlows();

  describe.skipIf(!flows.available)(
    flows.available ? `${flows.files.length} dev flow files` : `dev flows: ${flows.reason}`,
    () => {
      test(
        'are imported, are returned byte for byte, and run unless a reason is named',
        { timeout: BATCH_TIMEOUT_MS },
        async () => {
          const rows: DevFlowRow[] = [];
          for (const file of flows.files) {
            const bytes = readFileSync(file.path);
            const imported = await api.upload('/api/v1/flows/upload', 'flow.json', bytes);
            expect([file.name, imported.status]).toEqual([file.name, 201]);
            for (const [index, flow] of imported.json<FlowRow[]>().entries()) {
              const source = await api.open('GET', `/api/platform/v1/flows/${flow.id}/source`);
              expect([file.name, sha256(await source.bytes())]).toEqual([file.name, sha256(bytes)]);
              rows.push(await runDevFlow(file, flow, parseFlowFile(bytes.toString()).flows[index]));
            }
          }
          writeDevFlowTable(rows);
          expect(rows.filter(({ outcome }) => outcome === 'failed')).toEqual([]);
          expect(rows.filter((row) => mustRun(row) && row.outcome !== 'ran')).toEqual([]);
          expect(rows.filter(mustRun).length).toBeGreaterThanOrEqual(15);
          for (const { file, outcome, detail } of rows)
            if (outcome === 'refused')
              expect([file, detail]).toEqual([file, expect.stringMatching(/\S+ .*\./)]);
        },
      );

      test(
        'have the same bytes after `causeway import` and `causeway export`',
        { timeout: BATCH_TIMEOUT_MS },
        async () => {
          const folder = mkdtempSync(join(tmpdir(), 'causeway-export-'));
          let compared = 0;
          try {
            for (const files of withoutSharedIds(flows.files)) {
              const imported = await causewayCli(api, ['import', '--json', ...files.map(({ path }) => path)]);
              expect(imported.stderr + imported.stdout.slice(-300)).not.toMatch(
                /refused +|"refused":[1-9]|"error"/,
              );
              const report = JSON.parse(imported.stdout) as { flows: { id: string; from: string }[] };
              const ids = report.flows.map(({ id }) => id);
              const exported = await causewayCli(api, ['export', '--json', '--to', folder, ...ids]);
              expect([exported.code, exported.stderr]).toEqual([0, '']);
              const written = JSON.parse(exported.stdout) as { id: string; file: string }[];
              for (const { id, from } of report.flows) {
                const file = written.find((one) => one.id === id)?.file ?? '';
                expect([from, sha256(readFileSync(file))]).toEqual([from, sha256(readFileSync(from))]);
                compared += 1;
              }
            }
          } finally {
            rmSync(folder, { recursive: true, force: true });
          }
          expect(compared).toBeGreaterThanOrEqual(flows.files.length);
        },
      );

      /** Runs one flow; tweaks give it what it needs from outside: a file of this test, pages of a loopback site. */
      const runDevFlow = async (
        file: DevFlow,
        flow: FlowRow,
        document: FlowDocument | undefined,
      ): Promise<DevFlowRow> => {
        const { tweaks, given } = await outsideOf(flow.id, document);
        const input = /webhook/i.test(JSON.stringify(document?.data.nodes)) ? {} : { input_value: 'Hello' };
        const answer = await api.run(flow.id, { ...input, output_type: 'any', tweaks });
        const known = {
          file: file.name,
          flow: flow.name,
          version: document?.lastTestedVersion ?? '–',
          given,
          isComplete: document !== undefined && isOfFirstSet(document),
        };
        if (answer.status === 200)
          return { ...known, outcome: 'ran', detail: chatText(answer) ?? 'an answer without a message' };
        const { code, detail } = answer.json();
        return {
          ...known,
          outcome: code === 'FLOW_CANNOT_RUN' ? 'refused' : 'failed',
          detail: `${code}: ${detail}`,
        };
      };

      const outsideOf = async (flowId: string, document: FlowDocument | undefined) => {
        const tweaks: Record<string, object> = {};
        const given: string[] = [];
        for (const { id, type } of document ? Object.values(compileFlow(document, catalogue).nodes) : []) {
          if (type === 'URLComponent') {
            tweaks[id] = { urls: [`${site.url}/${id}`] };
            given.push(`${id}: a page of the site`);
          }
          if (type === 'File') {
            const form = await api.upload(`/api/v1/files/upload/${flowId}`, 'notes.txt', NOTES);
            tweaks[id] = { path: [form.json<{ file_path: string }>().file_path] };
            given.push(`${id}: notes.txt`);
          }
        }
        return { tweaks, given: given.join(', ') };
      };
    },
  );

  test.skipIf(!flows.available)(
    'were answered by the scripted model, which received the content that they had fetched and read',
    () => {
      const calls = provider.calls();
      // The provider could not understand a call that no rule answered.
      expect(calls.filter(({ rule, outcome }) => rule === null && outcome === 'fault')).toEqual([]);
      const told = JSON.stringify(calls.map(({ messages }) => messages));
      expect(told).toContain(NOTES);
      expect(told).toContain('This is the page at /URL');
    },
  );
}

/** Flows of 1.4 or later that have only component types of the first set. */
function mustRun(row: DevFlowRow & { readonly isComplete?: boolean }): boolean {
  const [major = 0, minor = 0] = row.version.split('.').map(Number);
  return (row.isComplete ?? false) && (major > 1 || (major === 1 && minor >= 4));
}

function isOfFirstSet(document: FlowDocument): boolean {
  const nodes = Object.values(compileFlow(document, catalogue).nodes);
  return nodes.length > 0 && nodes.every(({ type }) => catalogue.find(type) !== undefined);
}

/** Groups of files in which no two files have flows with the same id: the second import would be a new version of the first. */
function withoutSharedIds(files: readonly DevFlow[]): DevFlow[][] {
  const groups: { files: DevFlow[]; ids: Set<string> }[] = [];
  for (const file of files) {
    const ids = parseFlowFile(readFileSync(file.path, 'utf8')).flows.flatMap(({ id }) => id ?? []);
    let group = groups.find((one) => !ids.some((id) => one.ids.has(id)));
    if (!group) groups.push((group = { files: [], ids: new Set() }));
    group.files.push(file);
    for (const id of ids) group.ids.add(id);
  }
  return groups.map((group) => group.files);
}
