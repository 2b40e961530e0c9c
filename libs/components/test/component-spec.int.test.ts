import { canonicalJson, isCausewayError } from '@causeway/dag';
import type { ComponentSpec, FieldSpec, Json } from '@causeway/dag';
import { type ScriptedProvider, startScriptedProvider } from '@causeway/scripted-provider';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dataOf, isValue, messageOf, tableOf } from '../src/coerce/value.js';
import { componentTools } from '../src/runtime/agent/component-as-tool.js';
import type { ComponentResult, ComponentRuntime, FieldInput } from '../src/runtime/component.js';
import { type GuardedHttpClient, createGuardedHttp } from '../src/runtime/guarded-http.js';
import { providers } from '../src/runtime/models/providers/providers.js';
import { findRuntime, runtimeTypes } from '../src/runtime/registry.js';
import { noSecrets } from '../src/runtime/secrets/run-secrets.js';
import { testComponent, testContext } from '../src/runtime/test-context.js';
import type { TestOptions, TestRecord } from '../src/runtime/test-options.js';
import { catalogue, specs } from '../src/specs/catalogue.js';
import { type LocalServer, startLocalServer } from './local-server.js';
import { type SampleRun, sampleRuns } from './sample-runs.js';

let provider: ScriptedProvider;
let page: LocalServer;
let silent: LocalServer;
/** An address that no flow names. */
let elsewhere: LocalServer;
let client: GuardedHttpClient;

beforeAll(async () => {
  provider = await startScriptedProvider();
  elsewhere = await startLocalServer((_request, response) => response.writeHead(200).end('{}'));
  page = await startLocalServer((request, response) => {
    const location = `${elsewhere.url}/landed`;
    if (request.path.startsWith('/hop')) return void response.writeHead(302, { location }).end();
    if (request.path.startsWith('/again')) return void response.writeHead(307, { location }).end();
    const link = request.path.startsWith('/page') ? `<a href="${location}">elsewhere</a>` : '';
    response.writeHead(200, { 'content-type': 'text/html' }).end(`<p>page</p>${link}`);
  });
  silent = await startLocalServer(() => undefined);
  client = createGuardedHttp({ allow: [`127.0.0.1:${page.port}`, `127.0.0.1:${elsewhere.port}`] });
});
afterAll(() => Promise.all([provider, page, elsewhere, silent, client].map((one) => one.close())));

const secretCanary = 'canary-7f3a-secret';

function sampleOf(type: string): SampleRun {
  const sample = sampleRuns({ providerUrl: provider.url, pageUrl: page.url })[type];
  if (sample === undefined) throw new Error(`Add a sample run of ${type} to test/sample-runs.ts.`);
  return sample;
}

/** Runs the sample, for all outputs or for one, with a change. */
async function run(
  spec: ComponentSpec,
  change: TestOptions = {},
  output?: string,
): Promise<TestRecord & ComponentResult> {
  const { byOutput, ...sample } = sampleOf(spec.type);
  const one: TestOptions = output === undefined ? {} : { ...byOutput?.[output], outputs: [output] };
  return testComponent(spec.type, {
    http: client.forNode(spec.displayName),
    ...sample,
    ...one,
    ...change,
    fields: { ...sample.fields, ...one.fields, ...change.fields },
    inputs: { ...sample.inputs, ...one.inputs, ...change.inputs },
  });
}

const shown = ({ outputs, stored, emitted, logs, steps }: TestRecord & ComponentResult): string =>
  JSON.stringify({
    outputs: Object.values(outputs).filter((value) => value.kind !== 'handle'),
    stored,
    emitted,
    logs,
    steps: steps.map(({ request }) => request),
  });

test('every spec has a runtime, every runtime a spec, every spec a sample run', () => {
  const types = specs.map(({ type }) => type).toSorted();
  expect([...runtimeTypes].toSorted()).toEqual(types);
  expect(Object.keys(sampleRuns({ providerUrl: '', pageUrl: '' })).toSorted()).toEqual(types);
});

test('no two components share a name, and each is found by all of its names', () => {
  const names = specs.flatMap(({ type, aliases }) => [type, ...aliases]);
  expect(names).toHaveLength(new Set(names).size);
  for (const spec of specs)
    for (const name of [spec.type, ...spec.aliases]) expect(catalogue.find(name)).toBe(spec);
  for (const name of ['__proto__', 'constructor', 'toString', '', 'CustomComponent']) {
    expect(catalogue.find(name)).toBeUndefined();
  }
});

test('an unknown type has no runtime', async () => {
  for (const type of ['__proto__', 'constructor', '../x', 'CustomComponent'])
    expect(await findRuntime(type)).toBeUndefined();
});

describe.each(specs.map((spec): [string, ComponentSpec] => [spec.type, spec]))('%s', (type, spec) => {
  test('runs under the name of its spec', async () => {
    expect((await findRuntime(type))?.type).toBe(type);
  });

  test('declares each field and output once, with a default that fits', () => {
    const fields = [...spec.fields.map(({ name }) => name), ...(spec.ignoredFields ?? [])];
    expect(fields).toHaveLength(new Set(fields).size);
    expect(spec.outputs).toHaveLength(new Set(spec.outputs.map(({ name }) => name)).size);
    expect(spec.outputs.length).toBeGreaterThan(0);
    expect(spec.fields.filter((field) => !fits(field)).map(({ name }) => name)).toEqual([]);
  });

  test('gives each requested output, and the journal can store its values', async () => {
    for (const { name, kind } of spec.outputs) {
      const { outputs, closedOutputs } = await run(spec, {}, name);
      expect(Object.hasOwn(outputs, name) || closedOutputs?.includes(name), name).toBe(true);
      const value = outputs[name];
      expect(value === undefined ? kind : value.kind === 'handle' ? 'handle' : 'value', name).toBe(kind);
      if (value === undefined || value.kind === 'handle') continue;
      expect(isValue(value), name).toBe(true);
      expect(canonicalJson(JSON.parse(JSON.stringify(value)))).toBe(canonicalJson(value));
    }
  });

  test('ignores unknown fields', async () => {
    const [plain, more] = [
      await run(spec),
      await run(spec, { fields: { unheard_of: 'x' }, inputs: { other: 'y' } }),
    ];
    expect(Object.keys(more.outputs)).toEqual(Object.keys(plain.outputs));
  });

  test('treats __proto__ and constructor as ordinary keys', async () => {
    const hostile = JSON.parse(
      '{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}},"text":"a"}',
    ) as Json;
    await attempt(
      run(spec, {
        inputs: everyPort(spec, hostile),
        fields: JSON.parse('{"__proto__":{"polluted":true}}') as never,
      }),
    );
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  test('keeps a LangChain object in data as data', async () => {
    process.env['CAUSEWAY_TEST_SECRET'] = secretCanary;
    try {
      const lc = { lc: 1, type: 'secret', id: ['CAUSEWAY_TEST_SECRET'], text: 'a' };
      const result = await attempt(run(spec, { inputs: everyPort(spec, lc) }));
      if (result !== undefined) expect(shown(result)).not.toContain(secretCanary);
      expect(process.env['CAUSEWAY_TEST_SECRET']).toBe(secretCanary);
    } finally {
      delete process.env['CAUSEWAY_TEST_SECRET'];
    }
  });

  test('never shows its secrets', async () => {
    const secrets = spec.fields
      .filter(({ password }) => password === true)
      .map(({ name }) => [name, secretCanary]);
    const result = await run(spec, { fields: Object.fromEntries(secrets) as Record<string, Json> });
    expect(shown(result)).not.toContain(secretCanary);
  });

  test('sends its secrets only to addresses that its flow names', async () => {
    const leaks: string[] = [];
    for (const { what, options } of waysElsewhere(spec)) {
      const since = elsewhere.requests.length;
      await tryWay(type, options);
      if (holdsCanary(elsewhere.requests.slice(since))) leaks.push(what);
    }
    expect(leaks).toEqual([]);
  });

  test('ends when it is aborted', async () => {
    const abort = new AbortController();
    const running = attempt(
      run(spec, {
        signal: abort.signal,
        models: { scriptedProviderUrl: silent.url },
        http: (_url, { signal }) =>
          new Promise((_resolve, reject) =>
            signal.addEventListener('abort', () => reject(signal.reason as Error)),
          ),
      }),
    );
    setTimeout(() => abort.abort(new Error('stopped')), 20);
    const timer = new Promise((resolve) => setTimeout(resolve, 60_000, 'still running').unref());
    expect(await Promise.race([running.then(() => 'ended'), timer])).toBe('ended');
  });
});

test('the ways to send secrets elsewhere work when no rule withholds them', async () => {
  const reached = new Set<string>();
  for (const type of ['APIRequest', 'URLComponent', 'OpenAIModel']) {
    for (const { options } of waysElsewhere(catalogue.find(type) as ComponentSpec)) {
      const since = elsewhere.requests.length;
      await tryWay(type, { ...options, context: { ...options.context, secrets: noSecrets } });
      if (holdsCanary(elsewhere.requests.slice(since))) reached.add(type);
    }
  }
  // A model's key is withheld before its call too, because of the address.
  expect([...reached]).toEqual(['APIRequest', 'URLComponent']);
});

/** A way in which a secret could be sent to an address that the flow does not name. */
interface WayElsewhere {
  readonly what: string;
  readonly options: TestOptions;
}

/**
 * Every field as a place for an address: by tweak, over an edge, as a tool's argument; and the address that the flow itself names,
 * which redirects and links elsewhere. Each secret field and cell of the component holds a canary.
 */
function waysElsewhere(spec: ComponentSpec): WayElsewhere[] {
  const keys = spec.fields.filter(({ password }) => password === true).map(({ name }) => name);
  const tables = spec.fields.filter(({ secretCells }) => secretCells === true).map(({ name }) => name);
  const row = [{ key: 'X-Api-Key', value: secretCanary }];
  const base: Record<string, Json> = {
    ...(sampleOf(spec.type).fields as Record<string, Json>),
    ...Object.fromEntries(keys.map((name) => [name, secretCanary])),
    ...Object.fromEntries(tables.map((name) => [name, row])),
    ...(spec.fields.some(({ type }) => type === 'model') && {
      model: [{ name: 'gpt-4.1', provider: 'OpenAI' }],
    }),
    ...(spec.fields.some(({ name }) => name === 'max_retries') && { max_retries: 0 }),
    ...(spec.fields.some(({ name }) => name === 'timeout') && { timeout: 5 }),
  };
  const places = spec.fields.filter(
    ({ name, type }) =>
      !keys.includes(name) &&
      !tables.includes(name) &&
      !['bool', 'int', 'float', 'slider', 'model'].includes(type),
  );
  const shapes = (field: FieldSpec): Json => {
    const address = `${elsewhere.url}/v1`;
    if (field.type === 'dict' || field.type === 'NestedDict') return { url: address };
    if (field.type === 'table') return [{ key: 'url', value: address }];
    return field.list === true ? [address] : address;
  };
  const methods = spec.fields.some(({ name }) => name === 'method') ? ['GET', 'POST'] : [undefined];
  return [
    ...places.flatMap((field): WayElsewhere[] => {
      const { name } = field;
      const own = base[name] ?? field.default ?? null;
      const requestFields = new Map<string, Json>([[name, own]]);
      const message = messageOf(`${elsewhere.url}/v1`);
      return methods.flatMap((method) => {
        const fields = { ...base, ...(method !== undefined && { method }) };
        return [
          {
            what: `a tweak of ${name}`,
            options: { fields: { ...fields, [name]: shapes(field) }, context: { requestFields } },
          },
          {
            what: `an edge to ${name}`,
            options: { fields, inputs: { [name]: field.list === true ? [message] : message } },
          },
          {
            what: `a tool’s argument ${name}`,
            options: {
              fields,
              node: { toolMode: true },
              planFields: { [name]: { toolMode: true } },
              inputs: { tool_argument: name, tool_value: shapes(field) },
            },
          },
        ];
      });
    }),
    ...places.flatMap((field): WayElsewhere[] =>
      ['/hop', '/again', '/page'].map((path) => ({
        what: `${path} at the address in ${field.name}`,
        options: {
          fields: {
            ...base,
            ...(methods.length > 1 && { method: 'POST' }),
            [field.name]: field.list === true ? [`${page.url}${path}`] : `${page.url}${path}`,
            ...(spec.fields.some(({ name }) => name === 'follow_redirects') && { follow_redirects: true }),
            ...(spec.fields.some(({ name }) => name === 'prevent_outside') && { prevent_outside: false }),
            ...(spec.fields.some(({ name }) => name === 'max_depth') && { max_depth: 2 }),
          },
        },
      })),
    ),
  ];
}

async function tryWay(type: string, { inputs, ...options }: TestOptions): Promise<void> {
  const { tool_argument: argument, tool_value: value, ...wired } = inputs ?? {};
  const { byOutput: _others, ...sample } = sampleOf(type);
  const { context } = testContext(type, {
    ...sample,
    ...options,
    inputs: { ...sample.inputs, ...wired },
    outputs: options.node?.toolMode === true ? [] : [catalogue.find(type)?.outputs[0]?.name ?? ''],
    door: client,
    models: {
      outbound: client.dispatcher,
      // Providers are not called at their real addresses.
      providerBaseUrls: Object.fromEntries(providers.map(({ id }) => [id, provider.url])),
      idleTimeoutMs: 200_000,
    },
  });
  const runtime = (await findRuntime(type)) as ComponentRuntime;
  if (argument === undefined) {
    await runtime.run(context).catch(() => undefined);
    return;
  }
  for (const tool of componentTools(runtime, context)) {
    const attempt = { idempotencyKey: 'k', signal: context.signal };
    await tool.call({ [argument as string]: value as Json }, attempt).catch(() => undefined);
  }
}

function holdsCanary(requests: LocalServer['requests']): boolean {
  return JSON.stringify(requests).includes(secretCanary);
}

/** The result; undefined when the component refused its input with an error of ours, or was stopped. */
async function attempt<T>(promise: Promise<T>): Promise<T | undefined> {
  try {
    return await promise;
  } catch (error) {
    if (isCausewayError(error) || (error as Error).message === 'stopped') return undefined;
    throw error;
  }
}

/** The same members on every port, as the kind of value that the port takes. */
function everyPort(spec: ComponentSpec, members: Json): Record<string, FieldInput> {
  const object = members as { [key: string]: Json };
  const ports = spec.fields.filter(({ inputTypes }) => inputTypes !== undefined && inputTypes.length > 0);
  return Object.fromEntries(
    ports.flatMap(({ name, inputTypes = [] }): [string, FieldInput][] => {
      if (inputTypes.includes('Data')) return [[name, dataOf(object)]];
      if (inputTypes.includes('Table')) return [[name, tableOf([object])]];
      return inputTypes.includes('Message')
        ? [[name, messageOf('a', { data: object, properties: object })]]
        : [];
    }),
  );
}

function fits({ type, list, options, default: value }: FieldSpec): boolean {
  if (value === undefined || value === null) return true;
  if (options !== undefined) return typeof value === 'string' && options.includes(value);
  if (type === 'table' || type === 'tools' || type === 'sortableList' || type === 'file')
    return Array.isArray(value);
  if (type === 'dict') return typeof value === 'object';
  if (list === true) return Array.isArray(value) || value === '';
  if (type === 'bool') return typeof value === 'boolean';
  if (type === 'int' || type === 'float' || type === 'slider') return typeof value === 'number';
  return type === 'str' || type === 'prompt' ? typeof value === 'string' : true;
}
