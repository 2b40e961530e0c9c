import { setImmediate as nextTurn } from 'node:timers/promises';
import { compileFlow, maskSecrets } from '@causeway/dag';
import type { ComponentSpec, FlowDocument, Json, JsonObject } from '@causeway/dag';
import { type ScriptedProvider, startScriptedProvider } from '@causeway/scripted-provider';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createGuardedHttp } from '../src/runtime/guarded-http.js';
import { testComponent } from '../src/runtime/test-context.js';
import { catalogue, specs } from '../src/specs/catalogue.js';
import { drawnFlow } from './drawn-flow.js';
import { type LocalServer, startLocalServer } from './local-server.js';
import { sampleRuns } from './sample-runs.js';

const SEED = Number(process.env['CAUSEWAY_TEST_SEED'] ?? 20_261_129);
/** How many values are tried; the seed decides which. */
const COMPILED = 30;
const RUN = 50;
const MIB = 1024 ** 2;
/** Longest time for a megabyte in a field, in milliseconds of a processor: linear work takes a tenth of it. */
const MOST_CPU_MS = 2_000;
/** How much larger the heap may be, in sizes of the value, beside what is always there. */
const MOST_TIMES = 5;
const SLACK_BYTES = 96 * MIB;

/** Numbers that are the same for the same seed. Source: mulberry32. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
const random = randomOf(SEED);
const oneOf = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;

/**
 * Values of about this many bytes as JSON, each expensive for some code: templates, patterns, expressions, tables,
 * nesting.
 */
const shapes: Readonly<Record<string, (bytes: number) => Json>> = {
  text: (bytes) => 'x'.repeat(bytes),
  braces: (bytes) => '{a '.repeat(bytes / 3),
  pairs: (bytes) => '{{a}}'.repeat(bytes / 5),
  names: (bytes) => Array.from({ length: bytes / 9 }, (_, at) => `{n${at}}`).join(''),
  spaces: (bytes) => ' '.repeat(bytes),
  lines: (bytes) => '\n'.repeat(bytes),
  sums: (bytes) => '1+'.repeat(bytes / 2),
  brackets: (bytes) => '('.repeat(bytes),
  choices: (bytes) => `(${'a|'.repeat(bytes / 2)}a)+$`,
  repeats: (bytes) => `${'(a+)+'.repeat(Math.min(200, bytes / 5))}$`,
  addresses: (bytes) => 'http://a.test/?k=v&'.repeat(bytes / 19),
  keys: (bytes) => 'sk-'.repeat(bytes / 3),
  escapes: (bytes) => '\u0000"\\'.repeat(bytes / 6),
  list: (bytes) => Array.from({ length: bytes / 4 }, () => 'a'),
  rows: (bytes) => Array.from({ length: bytes / 24 }, (_, at) => ({ key: `k${at}`, value: 'v' })),
  members: (bytes) => Object.fromEntries(Array.from({ length: bytes / 12 }, (_, at) => [`k${at}`, 1])),
  deep: () => JSON.parse('['.repeat(180) + ']'.repeat(180)) as Json,
};

interface Cost {
  readonly what: string;
  readonly cpuMs: number;
  readonly bytes: number;
  readonly grownBytes: number;
}

async function costOf(what: string, bytes: number, work: () => unknown): Promise<Cost> {
  await nextTurn();
  const before = process.memoryUsage();
  const cpu = process.cpuUsage();
  await Promise.resolve(work()).catch(() => undefined);
  const used = process.cpuUsage(cpu);
  const after = process.memoryUsage();
  const grownBytes = after.heapUsed + after.external - before.heapUsed - before.external;
  return { what, cpuMs: (used.user + used.system) / 1000, bytes, grownBytes };
}

function check(costs: readonly Cost[]): void {
  const dearest = costs.toSorted((one, other) => other.cpuMs - one.cpuMs).slice(0, 3);
  const largest = costs.toSorted((one, other) => other.grownBytes - one.grownBytes).slice(0, 2);
  console.log(
    `${costs.length} values; dearest ${JSON.stringify(dearest)}; largest ${JSON.stringify(largest)}`,
  );
  for (const { what, cpuMs } of costs) expect(cpuMs, what).toBeLessThan(MOST_CPU_MS);
  for (const { what, bytes, grownBytes } of largest)
    expect({ what, times: grownBytes < MOST_TIMES * bytes + SLACK_BYTES }).toEqual({ what, times: true });
}

let provider: ScriptedProvider;
let page: LocalServer;
beforeAll(async () => {
  provider = await startScriptedProvider();
  page = await startLocalServer((_request, response) => response.writeHead(200).end('{}'));
});
afterAll(() => Promise.all([provider.close(), page.close()]));

/** A component, one of its fields, and a value of the field. */
function anyValue(mostBytes: number): {
  spec: ComponentSpec;
  field: string;
  value: Json;
  what: string;
  bytes: number;
} {
  const spec = oneOf(specs.filter(({ fields }) => fields.length > 0));
  const field = oneOf(spec.fields).name;
  const shape = oneOf(Object.keys(shapes));
  const bytes = Math.floor(mostBytes * (0.3 + 0.7 * random()));
  const value = (shapes[shape] as (bytes: number) => Json)(bytes);
  return { spec, field, value, what: `${spec.type}.${field} ${shape}`, bytes };
}

describe('a field of any component with a large, deep or long value', () => {
  test(
    `compiles, is checked and is masked in bounded time (seed ${SEED})`,
    { timeout: 600_000 },
    async () => {
      const costs: Cost[] = [];
      while (costs.length < COMPILED) {
        const { spec, field, value, what, bytes } = anyValue(MIB);
        const document: FlowDocument = drawnFlow({ 'Node-1': [spec.type, { [field]: value }] }, []);
        costs.push(
          await costOf(what, bytes, () => {
            compileFlow(document, catalogue);
            maskSecrets(document.data, catalogue, () => false);
          }),
        );
      }
      check(costs);
    },
  );

  test(`runs, or is refused, in bounded time (seed ${SEED})`, { timeout: 600_000 }, async () => {
    const client = createGuardedHttp({ allow: [`127.0.0.1:${page.port}`] });
    const samples = sampleRuns({ providerUrl: provider.url, pageUrl: page.url });
    const costs: Cost[] = [];
    while (costs.length < RUN) {
      const { spec, field, value, what, bytes } = anyValue(MIB / 4);
      const { byOutput: _byOutput, ...sample } = samples[spec.type] ?? {};
      const fields = { ...sample.fields, [field]: value } as JsonObject;
      const signal = AbortSignal.timeout(5_000);
      costs.push(
        await costOf(what, bytes, () =>
          testComponent(spec.type, { http: client.forNode(spec.displayName), ...sample, fields, signal }),
        ),
      );
    }
    await client.close();
    check(costs);
  });
});
