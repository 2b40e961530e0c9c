import { randomUUID } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { FlowRow } from '../support/api.js';
import { chatFlow } from '../support/flows.js';
import type { Stack } from '../support/stack.js';

interface Page {
  readonly items: readonly { readonly id: string }[];
  readonly total: number;
  readonly pages: number;
}
interface Named {
  readonly id: string;
  readonly name: string;
}
interface StoredFile extends Named {
  readonly path: string;
  readonly size: number;
}

/** Flows, projects, variables and files, in Langflow's shapes. */
export function objectStories({ api, causeway }: Stack): void {
  const unique = (word: string): string => `${word} ${randomUUID().slice(0, 8)}`;

  describe('flows', () => {
    test('of any size leave nothing in the object store, which has only objects of runs and files', async () => {
      const stored = (): string[] =>
        readdirSync(join(causeway.home, 'objects'), { recursive: true, withFileTypes: true })
          .filter((entry) => entry.isFile())
          .map((entry) => entry.name)
          .toSorted();
      const before = stored();
      const [large, larger] = [300_000, 700_000].map((size) => {
        const { data } = chatFlow();
        return { ...data, viewport: { x: 'x'.repeat(size) } };
      });
      const name = unique('Large');
      const { id } = await api.ask<FlowRow>('POST', '/api/v1/flows/', { body: { name, data: large } });
      await api.ask('PATCH', `/api/v1/flows/${id}`, { body: { data: larger } });
      expect(await api.ask('GET', `/api/v1/flows/${id}`)).toMatchObject({ data: larger });
      const listed = await api.ask<FlowRow[]>('GET', '/api/v1/flows/?get_all=true');
      expect(listed.find((flow) => flow.id === id)).toMatchObject({ data: larger });
      const batch = { flows: [large, larger].map((data) => ({ name: unique('Large'), data })) };
      const made = await api.ask<FlowRow[]>('POST', '/api/v1/flows/batch/', { body: batch });
      const ids = [id, ...made.map((flow) => flow.id)];
      expect((await api.send('GET', `/api/platform/v1/flows/${id}/source`)).status).toBe(200);
      expect((await api.run(id)).status).toBe(200);
      await api.ask('DELETE', '/api/v1/flows/', { body: ids });
      expect(stored()).toEqual(before);
    });

    test('are created, read, changed, replaced and deleted', async () => {
      const { data } = chatFlow();
      const name = unique('Made');
      const made = await api.send('POST', '/api/v1/flows/', { body: { name, data, tags: ['a'] } });
      expect(made.status).toBe(201);
      const { id } = made.json<FlowRow>();
      expect(await api.ask('GET', `/api/v1/flows/${id}`)).toMatchObject({
        id,
        name,
        data,
        tags: ['a'],
        locked: false,
      });

      const patched = await api.ask('PATCH', `/api/v1/flows/${id}`, {
        body: { description: 'now described' },
      });
      expect(patched).toMatchObject({ name, description: 'now described' });
      const replaced = await api.send('PUT', `/api/v1/flows/${id}`, { body: { name, data } });
      expect([replaced.status, replaced.json<FlowRow>().id]).toEqual([200, id]);
      const other = randomUUID();
      const created = await api.send('PUT', `/api/v1/flows/${other}`, {
        body: { name: unique('Put'), data },
      });
      expect([created.status, created.json<FlowRow>().id]).toEqual([201, other]);

      expect(await api.ask('DELETE', `/api/v1/flows/${id}`)).toEqual({
        message: 'Flow deleted successfully',
      });
      expect(await api.ask('DELETE', '/api/v1/flows/', { body: [other] })).toEqual({ deleted: 1 });
      expect((await api.send('GET', `/api/v1/flows/${id}`)).status).toBe(404);
      expect((await api.run(id)).status).toBe(404);
    });

    test('with a taken name or endpoint get a number', async () => {
      const body = {
        name: unique('Twin'),
        endpoint_name: `twin-${randomUUID().slice(0, 8)}`,
        data: chatFlow().data,
      };
      await api.ask('POST', '/api/v1/flows', { body });
      const second = await api.ask<FlowRow>('POST', '/api/v1/flows', { body });
      expect([second.name, second.endpoint_name]).toEqual([`${body.name} (1)`, `${body.endpoint_name}-1`]);
    });

    test('are listed whole or in pages', async () => {
      const names = [unique('Listed'), unique('Listed')];
      const made = await api.ask<FlowRow[]>('POST', '/api/v1/flows/batch/', {
        body: { flows: names.map((name) => ({ name, data: chatFlow().data })) },
      });
      expect(made.map(({ name }) => name)).toEqual(names);
      const all = await api.ask<FlowRow[]>('GET', '/api/v1/flows/?get_all=true&header_flows=true');
      expect(all.map(({ id }) => id)).toEqual(expect.arrayContaining(made.map(({ id }) => id)));
      const page = await api.ask<Page>('GET', '/api/v1/flows/?get_all=false&page=1&size=2');
      expect([page.items.length, page.total, page.pages]).toEqual([2, all.length, Math.ceil(all.length / 2)]);
    });

    test('are downloaded: one as JSON that can be imported again, several as a ZIP', async () => {
      const flow = chatFlow(unique('Down'));
      const key = flow.data.nodes[2]?.data.node.template['api_key'];
      if (typeof key === 'object') key.value = 'a key of mine';
      const first = await api.importFlow(flow);
      const second = await api.importFlow(chatFlow(unique('Down')));
      const one = await api.send('POST', '/api/v1/flows/download/', { body: [first.id] });
      expect(one.json<FlowRow>().data?.nodes).toHaveLength(4);
      expect(one.text).not.toContain('a key of mine');
      const again = await api.upload('/api/v1/flows/upload/', 'again.json', one.text);
      expect(again.json<FlowRow[]>()[0]?.id).toBe(first.id);

      const zip = await api.open('POST', '/api/v1/flows/download/', { body: [first.id, second.id] });
      expect(zip.headers.get('content-type')).toMatch(/zip/);
      const imported = await api.upload('/api/v1/flows/upload/', 'both.zip', await zip.bytes());
      expect(imported.status).toBe(201);
      expect(new Set(imported.json<FlowRow[]>().map(({ id }) => id))).toEqual(new Set([first.id, second.id]));
    });

    test('keep their version when only a node is moved, and get another when its content changes', async () => {
      const flow = chatFlow(unique('Versions'));
      const { id } = await api.importFlow(flow);
      const versionOf = async (): Promise<string> => {
        const { runId } = await api.run(id, { input_value: 'x' });
        return (await api.ask<{ versionHash: string }>('GET', `/api/platform/v1/runs/${runId}`)).versionHash;
      };
      const before = await versionOf();
      const moved = structuredClone(flow.data);
      for (const node of moved.nodes) node.position.x += 500;
      await api.ask('PATCH', `/api/v1/flows/${id}`, { body: { data: moved } });
      expect(await versionOf()).toBe(before);
      const template = moved.nodes[1]?.data.node.template['template'];
      if (typeof template === 'object') template.value = 'Reply to {question}';
      await api.ask('PATCH', `/api/v1/flows/${id}`, { body: { data: moved } });
      expect(await versionOf()).not.toBe(before);
    });
  });

  test('projects hold flows, and are exported and imported with them', async () => {
    const name = unique('Project');
    const project = await api.send('POST', '/api/v1/projects/', { body: { name } });
    expect(project.status).toBe(201);
    const { id } = project.json<Named>();
    const body = { name: unique('Inside'), data: chatFlow().data, folder_id: id };
    const flow = await api.ask<FlowRow>('POST', '/api/v1/flows', { body });
    const read = await api.ask<{ flows: Named[] }>('GET', `/api/v1/projects/${id}`);
    expect(read.flows.map((one) => one.id)).toEqual([flow.id]);
    const paged = (query: string): Promise<{ folder: Named; flows: Page }> =>
      api.ask('GET', `/api/v1/projects/${id}?${query}`);
    expect(await paged('page=1&size=1')).toMatchObject({
      folder: { id, name },
      flows: { items: [{ id: flow.id }], total: 1, page: 1, size: 1, pages: 1 },
    });
    expect((await paged('page=1&is_component=true')).flows.total).toBe(0);
    expect((await paged('page=1&search=nothing')).flows.total).toBe(0);
    expect(await api.ask('PATCH', `/api/v1/projects/${id}`, { body: { name: `${name} 2` } })).toMatchObject({
      name: `${name} 2`,
    });
    // Together they are larger than one message of NATS.
    const large = Array.from({ length: 29 }, () => ({
      name: unique('Large'),
      data: { ...chatFlow().data, viewport: 'x'.repeat(40_000) },
      folder_id: id,
    }));
    await api.ask('POST', '/api/v1/flows/batch/', { body: { flows: large } });
    const all = await api.ask<{ flows: { data: { viewport?: string } }[] }>('GET', `/api/v1/projects/${id}`);
    expect(all.flows.filter(({ data }) => data.viewport?.length === 40_000)).toHaveLength(29);
    const zip = await api.open('GET', `/api/v1/projects/download/${id}`);
    expect(zip.headers.get('content-type')).toMatch(/^application\/zip/);
    const imported = await api.upload('/api/v1/projects/upload/', 'project.zip', await zip.bytes());
    expect([imported.status, imported.json<FlowRow[]>().length]).toEqual([201, 30]);
    expect((await api.send('DELETE', `/api/v1/projects/${id}`)).status).toBe(204);
    expect((await api.send('GET', `/api/v1/projects/${id}`)).status).toBe(404);
  });

  test('variables show their values unless they are credentials', async () => {
    const [plain, secret] = [unique('Plain'), unique('Secret')];
    const make = (name: string, type: string) =>
      api.send('POST', '/api/v1/variables/', {
        body: { name, value: 'the value', type, default_fields: ['X'] },
      });
    const generic = await make(plain, 'Generic');
    expect([generic.status, generic.json<{ value: string }>().value]).toEqual([201, 'the value']);
    const credential = await make(secret, 'Credential');
    expect(credential.json<{ value: null }>().value).toBeNull();
    const twice = await make(plain, 'Generic');
    expect([twice.status, twice.json().code]).toEqual([400, 'VARIABLE_TAKEN']);
    const { id } = generic.json<Named>();
    const long = await api.send('PATCH', `/api/v1/variables/${id}`, { body: { value: 'x'.repeat(65_537) } });
    expect([long.status, long.json().detail]).toEqual([
      400,
      expect.stringContaining("it has 65537 characters; the limit of a variable's value is 65536"),
    ]);
    const renamed = `${plain} 2`;
    expect(await api.ask('PATCH', `/api/v1/variables/${id}`, { body: { name: renamed } })).toMatchObject({
      name: renamed,
    });
    expect((await api.send('DELETE', `/api/v1/variables/${id}`)).status).toBe(204);
    expect((await api.ask<Named[]>('GET', '/api/v1/variables/')).map((one) => one.name)).not.toContain(
      renamed,
    );
  });

  describe('files', () => {
    test('of a user are uploaded, listed, read, renamed and deleted', async () => {
      const [name, bytes] = [randomUUID(), new Uint8Array([0, 255, 10, 13, 0])];
      const uploaded = await api.upload('/api/v2/files/', `${name}.bin`, bytes);
      expect(uploaded.status).toBe(201);
      const file = uploaded.json<StoredFile>();
      expect(file).toMatchObject({ name, size: bytes.length });
      const twin = (await api.upload('/api/v2/files', `${name}.bin`, bytes)).json<StoredFile>();
      expect(twin.name).toBe(`${name} (1)`);
      const read = await api.open('GET', `/api/v2/files/${file.id}`);
      expect(await read.bytes()).toEqual(bytes);
      await api.ask('PUT', `/api/v2/files/${file.id}?name=renamed-${name}`);
      const listed = await api.ask<StoredFile[]>('GET', '/api/v2/files/');
      expect(listed.find((one) => one.id === file.id)?.name).toBe(`renamed-${name}`);
      const zip = await api.open('POST', '/api/v2/files/batch/', { body: [file.id, twin.id] });
      expect(Buffer.from(await zip.bytes()).toString('latin1')).toMatch(/^PK/);
      await api.ask('DELETE', '/api/v2/files/batch/', { body: [file.id, twin.id] });
      expect((await api.send('GET', `/api/v2/files/${file.id}`)).status).toBe(404);
    });

    test('are stored sealed', async () => {
      const text = `plans of ${randomUUID()}`;
      const file = (await api.upload('/api/v2/files/', 'plans.txt', text)).json<StoredFile>();
      const read = await api.send('GET', `/api/v2/files/${file.id}`);
      expect([read.text, read.headers.get('content-length')]).toEqual([text, String(text.length)]);
      const folder = join(causeway.home, 'objects');
      const kept = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((one) =>
        one.isFile(),
      );
      expect(kept.length).toBeGreaterThan(0);
      expect(kept.filter((one) => readFileSync(join(one.parentPath, one.name)).includes(text))).toEqual([]);
    });

    test('of a flow that are images are shown', async () => {
      const { id } = await api.importFlow(chatFlow());
      const drawing = '<svg xmlns="http://www.w3.org/2000/svg"/>';
      const uploaded = await api.upload(`/api/v1/files/upload/${id}/`, 'a drawing.SVG', drawing);
      const fileName = uploaded.json<{ file_path: string }>().file_path.slice(id.length + 1);
      const shown = await api.open('GET', `/api/v1/files/images/${id}/${encodeURIComponent(fileName)}`);
      expect(shown.headers.get('content-type')).toBe('image/svg+xml');
      expect(shown.headers.get('content-security-policy')).toContain('sandbox');
      expect(Buffer.from(await shown.bytes()).toString()).toBe(drawing);
      expect((await api.send('GET', `/api/v1/files/images/${id}/none.png`)).status).toBe(404);
    });

    test('of a flow are uploaded, listed, read and deleted; no name leads out of its folder', async () => {
      const { id } = await api.importFlow(chatFlow());
      const { file_path: path } = (
        await api.upload(`/api/v1/files/upload/${id}/`, 'ünï notes.txt', 'text')
      ).json<{
        file_path: string;
      }>();
      const fileName = path.slice(path.indexOf('/') + 1);
      expect(await api.ask('GET', `/api/v1/files/list/${id}`)).toEqual({ files: [fileName] });
      const url = `/api/v1/files/download/${id}/${encodeURIComponent(fileName)}`;
      expect((await api.send('GET', url)).text).toBe('text');
      for (const evil of ['..%2f..%2fsecrets.json', '%2e%2e%2fx', 'a%00b'])
        expect([400, 404]).toContain((await api.send('GET', `/api/v1/files/download/${id}/${evil}`)).status);
      expect((await api.send('GET', url.replace('/download/', '/images/'))).status).toBe(415);
      await api.ask('DELETE', `/api/v1/files/delete/${id}/${encodeURIComponent(fileName)}`);
      expect(await api.ask('GET', `/api/v1/files/list/${id}`)).toEqual({ files: [] });
    });
  });

  test('the server shows its health, version, settings and components', async () => {
    const nobody = api.as(undefined);
    expect(await nobody.ask('GET', '/health')).toEqual({ status: 'ok' });
    expect(await nobody.ask('GET', '/health_check')).toMatchObject({ status: 'ok' });
    expect(await nobody.ask('GET', '/api/v1/version')).toMatchObject({
      version: expect.stringMatching(/^\d+\.\d+/),
    });
    expect(await nobody.ask('GET', '/api/v1/config')).toMatchObject({
      type: 'public',
      max_file_size_upload: 1024,
    });
    const catalogue = await api.ask<Record<string, object>>('GET', '/api/v1/all');
    expect(Object.values(catalogue).flatMap((group) => Object.keys(group))).toContain('ChatInput');
    const body = { name: 'template', template: 'Hello {name}, {{not}} {age}' };
    expect(await api.ask('POST', '/api/v1/validate/prompt', { body })).toMatchObject({
      input_variables: ['name', 'age'],
    });
  });

  test('runs are listed in pages by their keys, newest first, and found by flow and status', async () => {
    const { id } = await api.importFlow(chatFlow());
    const made: (string | undefined)[] = [];
    for (const text of ['a', 'b', 'c']) made.unshift((await api.run(id, { input_value: text })).runId);
    type Runs = { items: { id: string }[]; next?: string };
    const page = (query: string): Promise<Runs> =>
      api.ask('GET', `/api/platform/v1/runs?flow_id=${id}&${query}`);
    const first = await page('limit=2');
    const rest = await page(`limit=2&after=${encodeURIComponent(first.next ?? '')}`);
    expect([...first.items, ...rest.items].map((run) => run.id)).toEqual(made);
    expect(rest.next).toBeUndefined();
    expect((await page('status=failed')).items).toEqual([]);
  });
}
