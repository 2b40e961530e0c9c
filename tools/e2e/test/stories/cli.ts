import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { Api } from '../support/api.js';
import { type CommandOutcome, causewayCli } from '../support/cli.js';
import { chatFlow, echoFlow } from '../support/flows.js';
import type { RunningLangflow } from '../support/langflow.js';
import type { Stack } from '../support/stack.js';

/** Each command is a process of its own, whose start takes seconds on a busy machine. */
const MANY_COMMANDS_MS = 180_000;

/** The command line, used by a person and by a script. */
export function cliStories({ api, provider }: Stack, langflow: RunningLangflow): void {
  const folder = mkdtempSync(join(tmpdir(), 'causeway-cli-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const cli = (...args: string[]): Promise<CommandOutcome> => causewayCli(api, args);
  const json = async <T>(...args: string[]): Promise<T> => {
    const { code, stdout, stderr } = await cli('--json', ...args);
    expect([code, stderr]).toEqual([0, '']);
    return JSON.parse(stdout) as T;
  };
  const file = (name: string, content: object | string): string => {
    const path = join(folder, name);
    writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
    return path;
  };

  describe('causeway validate', () => {
    test('ends with 0 when every flow runs', async () => {
      const { code, stdout } = await cli('validate', file('good.json', chatFlow()));
      expect(code).toBe(0);
      expect(stdout).toMatch(/^runs +.*good\.json +Chat$/m);
      // There are no colours without a terminal.
      expect(stdout).not.toContain('\u001b');
    });

    test('ends with 1 when one does not, and names node and remedy once', async () => {
      const bad = structuredClone(chatFlow()) as unknown as {
        data: { nodes: { id: string; data: { type: string } }[] };
      };
      const [first] = bad.data.nodes;
      if (first) first.data.type = 'NoSuchThing';
      const many = file('bad.json', { flows: [bad, echoFlow()] });
      const { code, stdout } = await cli('validate', file('fine.json', echoFlow()), many);
      expect(code).toBe(1);
      expect(stdout.match(/COMPONENT_UNKNOWN/g)).toHaveLength(1);
      expect(stdout).toContain('Replace it with components of the catalogue, which GET /api/v1/all lists');
      expect(stdout.match(/^runs/gm)).toHaveLength(2);
    });

    test('of a file that is not a flow says so, also as JSON', async () => {
      const { code, stdout } = await cli('--json', 'validate', file('text.json', 'hello'));
      expect(code).toBe(1);
      expect(JSON.parse(stdout)).toMatchObject([{ runs: false, problems: [{ code: 'FLOW_NOT_JSON' }] }]);
    });
  });

  describe('causeway import', () => {
    test('continues after a refused file, and ends with 1', async () => {
      const name = `Imported ${randomUUID().slice(0, 8)}`;
      const outcome = await cli('import', join(folder, 'absent.json'), file('one.json', echoFlow(name)));
      expect(outcome.code).toBe(1);
      expect(outcome.stdout).toMatch(/refused +.*absent\.json: there is no file/);
      expect(outcome.stdout).toMatch(new RegExp(`imported +[0-9a-f-]{36} +${name}`));
      expect(outcome.stdout).toContain('1 imported, 0 changed, 0 unchanged, 1 refused');
      expect(outcome.stderr).toContain('one.json');
    });

    test('names the problems of a flow that cannot run, and imports it anyway', async () => {
      const flow = structuredClone(chatFlow(`Cannot ${randomUUID().slice(0, 8)}`)) as unknown as {
        data: { nodes: { data: { type: string } }[] };
      };
      const [, prompt] = flow.data.nodes;
      if (prompt) prompt.data.type = 'NoSuchThing';
      const { code, stdout } = await cli('import', file('cannot.json', flow));
      expect(code).toBe(0);
      expect(stdout).toMatch(/imported +.* cannot run yet\n +COMPONENT_UNKNOWN .*NoSuchThing/);
      const report = await json<{ flows: { problems: { code: string; nodes: string[] }[] }[] }>(
        'import',
        file('cannot.json', flow),
      );
      expect(report.flows[0]?.problems).toMatchObject([{ code: 'COMPONENT_UNKNOWN', nodes: ['Prompt-2'] }]);
    });

    test('--from a running Langflow imports flows into their project and lists the variables to set', async () => {
      const { site, key, project, flows } = langflow;
      const outcome = await cli('import', '--from', site.url, '--key', key);
      expect(outcome.code).toBe(1);
      expect(outcome.stdout).toContain(`projects: ${project}`);
      expect(outcome.stdout).toMatch(/variables without a value:\n +npx causeway vars set FAR_KEY_/);
      expect(outcome.stdout).toMatch(/refused +Broken/);
      expect(outcome.stdout).toContain('2 imported, 0 changed, 0 unchanged, 1 refused');
      const projects = await api.ask<{ id: string; name: string }[]>('GET', '/api/v1/projects/');
      const made = projects.find(({ name }) => name === project);
      const rows = await api.ask<{ name: string; folder_id: string }[]>(
        'GET',
        '/api/v1/flows/?get_all=true&header_flows=true',
      );
      const here = rows.filter(({ folder_id: id }) => id === made?.id).map(({ name }) => name);
      expect(here.toSorted()).toEqual(
        flows
          .slice(0, 2)
          .map(({ name }) => name)
          .toSorted(),
      );
      // A second import has the same flows, and none twice.
      await cli('import', '--from', site.url, '--key', key);
      const again = await api.ask<{ name: string }[]>('GET', '/api/v1/flows/?get_all=true&header_flows=true');
      expect(again.filter(({ name }) => name === flows[0]?.name)).toHaveLength(1);
    });

    test('--from with a wrong key shows that server’s message', async () => {
      const { code, stderr } = await cli('import', '--from', langflow.site.url, '--key', 'wrong');
      expect([code, stderr]).toEqual([1, expect.stringContaining('An API key must be passed')]);
    });
  });

  describe('causeway run', () => {
    test('of a file, a name and an endpoint prints the answer', async () => {
      const name = `Says ${randomUUID().slice(0, 8)}`;
      const path = file('says.json', {
        ...echoFlow(name),
        endpoint_name: name.toLowerCase().replace(' ', '-'),
      });
      expect((await cli('run', path, '--input', 'from a file')).stdout).toBe('from a file\n');
      expect((await cli('run', name, '--input', 'by name')).stdout).toBe('by name\n');
      const answer = await json<{ runId: string; session_id: string }>(
        'run',
        name.toLowerCase().replace(' ', '-'),
        '--input',
        'x',
        '--session',
        's-1',
      );
      expect(answer).toMatchObject({
        runId: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
        session_id: 's-1',
      });
    });

    test('of a file without an id finds the flow of the run before, also when the file is a list', async () => {
      const names = ['single', 'listed'].map((what) => `${what} ${randomUUID().slice(0, 8)}`);
      const [single = '', listed = ''] = names;
      const paths = [file('single.json', echoFlow(single)), file('listed.json', [echoFlow(listed)])];
      for (const path of [...paths, ...paths])
        expect((await cli('run', path, '--input', 'again')).stdout).toBe('again\n');
      const rows = await api.ask<{ name: string }[]>('GET', '/api/v1/flows/?get_all=true&header_flows=true');
      expect(rows.flatMap(({ name }) => (names.includes(name) ? [name] : [])).toSorted()).toEqual(
        names.toSorted(),
      );
    });

    test('--stream prints the words, and --json each event', async () => {
      provider.setScript([{ when: { lastMessageContains: 'words' }, reply: { chunks: ['one ', 'two'] } }]);
      const path = file('chat.json', chatFlow(`Streams ${randomUUID().slice(0, 8)}`));
      expect((await cli('run', path, '--input', 'words', '--stream')).stdout).toBe('one two\n');
      const { stdout } = await cli('--json', 'run', path, '--input', 'words', '--stream');
      provider.setScript([]);
      const events = stdout
        .trim()
        .split('\n')
        .map((line) => (JSON.parse(line) as { event: string }).event);
      expect(events.at(-1)).toBe('end');
    });

    test('that fails names the error, the run, and the command that shows it', async () => {
      provider.setScript([
        { when: { lastMessageContains: 'refuse' }, reply: { status: 400, errorMessage: 'no' } },
      ]);
      const path = file('fails.json', chatFlow(`Fails ${randomUUID().slice(0, 8)}`));
      const outcomes = await Promise.all([
        cli('run', path, '--input', 'refuse me'),
        cli('run', path, '--input', 'refuse me', '--stream'),
      ]);
      provider.setScript([]);
      for (const { code, stderr } of outcomes) {
        expect(code).toBe(1);
        expect(stderr).toMatch(/Language Model answered 400/);
        expect(stderr).toMatch(/see: npx causeway trace [0-9a-f-]{36}/);
      }
    });

    test.each([
      [
        'a flow that does not exist',
        ['run', 'no such flow'],
        'there is no flow named no such flow in the team of the key; import it with: npx causeway import FILE',
      ],
      ['tweaks that are not JSON', ['run', 'x.json', '--tweaks', '{'], ''],
      ['a wrong key', ['--key', 'wrong', 'runs'], 'API key'],
      ['a server that is not running', ['--url', 'http://127.0.0.1:9', 'runs'], 'cannot be reached'],
      ['a time that is none', ['keys', 'create', 'k', '--expires', 'soon'], '--expires soon is not a time'],
      ['a run that does not exist', ['trace', randomUUID()], 'run'],
    ])('names %s', async (_what, args, told) => {
      const { code, stdout, stderr } = await cli(...args);
      expect([code, stdout]).toEqual([1, '']);
      expect(stderr).toContain(told);
      const asJson = await cli('--json', ...args);
      expect(JSON.parse(asJson.stdout)).toMatchObject({ error: { message: expect.any(String) as string } });
    });
  });

  test('causeway runs, trace and export show past runs and imported files', async () => {
    const name = `Traced ${randomUUID().slice(0, 8)}`;
    const flow = chatFlow(name);
    const path = file('traced.json', flow);
    const { runId } = await json<{ runId: string }>('run', path, '--input', 'x');
    const { items } = await json<{ items: { id: string; status: string }[] }>('runs', '--flow', name);
    expect(items.map(({ id }) => id)).toEqual([runId]);
    expect((await cli('runs', '--flow', name)).stdout).toMatch(new RegExp(`${runId} +${name} +succeeded`));
    expect((await cli('flows')).stdout).toMatch(new RegExp(`${name} +[0-9a-f-]{36} +yes`));
    const { stdout, stderr } = await cli('trace', runId);
    expect(stdout).toMatch(
      /✓ Chat Input[^]*✓ Prompt[^]*✓ Language Model[^]*✓ model .*scripted[^]*✓ Chat Output/,
    );
    expect(stdout).toContain(`run ${runId} of ${name}: succeeded`);
    const chart = (await cli('trace', runId, '--mermaid')).stdout;
    expect(chart).toMatch(/^flowchart TD\n[^]*s0 --> s1\n[^]*s2 -\.-> s3\n/);
    const tree = (await cli('trace', runId, '--tree')).stdout;
    expect(stdout).toBe(`${tree}\n${chart}`);
    expect(stderr).toBe('');
    expect((await cli('export', name)).stdout === JSON.stringify(flow)).toBe(true);
  });

  test('causeway retention --plan names each kind of data of every service, and removes nothing', async () => {
    const kinds = await json<{ kind: string; keepDays: number; rows: number }[]>('retention', '--plan');
    expect(kinds.map(({ kind }) => kind).toSorted()).toEqual(
      [
        'deleted people',
        'deleted service accounts',
        'deleted teams',
        'ended API keys',
        'ended grants of programs',
        'ended sessions',
        'ended tokens',
        'expired device codes',
        'expired invitations',
        'audit events',
        'deleted flows',
        'deleted projects',
        'files',
        'idempotency keys',
        'imported files of no flow',
        'messages',
        'objects of no file',
        'objects of no run',
        'plans of other compilers',
        'replaced flow versions',
        'runners',
        'runs',
        'slots of flows without runs',
        'used assertions',
      ].toSorted(),
    );
    // No data here is old.
    expect(kinds.filter(({ rows }) => rows > 0)).toEqual([]);
    expect((await cli('retention', '--plan')).stdout).toMatch(/^files +until deleted +0 /m);
  });

  test('causeway vars sets, lists and deletes', { timeout: MANY_COMMANDS_MS }, async () => {
    const name = `VAR_${randomUUID().slice(0, 8)}`;
    await json('vars', 'set', name, 'open value', '--generic');
    expect((await cli('vars')).stdout).toMatch(new RegExp(`${name} +Generic +open value`));
    await json('vars', 'set', `${name}_SECRET`, 'hidden value');
    expect((await cli('vars')).stdout).not.toContain('hidden value');
    for (const one of [name, `${name}_SECRET`]) await json('vars', 'delete', one);
    expect((await cli('vars')).stdout).not.toContain(name);
  });

  test('causeway keys creates, lists and deletes', { timeout: MANY_COMMANDS_MS }, async () => {
    const name = `KEY_${randomUUID().slice(0, 8)}`;
    const key = await json<{ id: string; api_key: string }>(
      'keys',
      'create',
      name,
      '--permissions',
      'run:read',
    );
    const narrow = new Api(api.url, key.api_key);
    expect((await narrow.send('GET', '/api/platform/v1/runs')).status).toBe(200);
    expect((await narrow.send('GET', '/api/v1/variables/')).status).toBe(403);
    const keys = (await cli('keys')).stdout;
    expect(keys).not.toContain(key.api_key);
    expect(keys).toMatch(new RegExp(`${name} .* run:read$`, 'm'));
    await json('keys', 'delete', key.id);
    expect((await narrow.send('GET', '/api/platform/v1/runs')).status).toBe(403);
  });
}
