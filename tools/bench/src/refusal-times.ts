import { randomUUID } from 'node:crypto';
import { parseArgs } from 'node:util';
import { SAMPLE, startBenchStack } from './bench-stack.js';

/**
 * Measures whether the time of a refusal tells a caller which objects of other teams exist: requests for such an object and for one that
 * does not exist, in turns. Prints medians in milliseconds. `--tries N` of each.
 */
const { values } = parseArgs({ options: { tries: { type: 'string', default: '1000' } } });
const tries = Number(values.tries);
if (!(tries > 0)) throw new Error('--tries takes a number above 0');

const say = (line: string): void => void process.stderr.write(`${line}\n`);
const stack = await startBenchStack(say);
const { url, apiKey } = stack.causeway;

async function ask<T>(key: string, method: string, path: string, body?: object): Promise<T> {
  const response = await fetch(url + path, {
    method,
    headers: { 'x-api-key': key, 'content-type': 'application/json' },
    ...(body && { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
  return (await response.json()) as T;
}

/** A key of a team of its own, and a flow and a run of that team. */
async function aTeam(name: string): Promise<{ key: string; flowId: string; runId: string }> {
  const team = await ask<{ id: string }>(apiKey, 'POST', '/api/platform/v1/teams', { name });
  const accounts = `/api/platform/v1/teams/${team.id}/service-accounts`;
  const account = await ask<{ id: string }>(apiKey, 'POST', accounts, { name: 'bench', role: 'editor' });
  const keys = `/api/platform/v1/service-accounts/${account.id}/keys`;
  const { api_key: key } = await ask<{ api_key: string }>(apiKey, 'POST', keys, { name: 'bench' });
  const { id: _, ...flow } = JSON.parse(SAMPLE) as { id: string };
  const { id: flowId } = await ask<{ id: string }>(key, 'POST', '/api/v1/flows/', flow);
  const run = await fetch(`${url}/api/v1/run/${flowId}`, {
    method: 'POST',
    headers: { 'x-api-key': key, 'content-type': 'application/json' },
    body: '{"input_value":"x"}',
  });
  return { key, flowId, runId: run.headers.get('x-causeway-run-id') ?? '' };
}

async function timeOf(key: string, method: string, path: string): Promise<{ ms: number; told: string }> {
  const startedMs = performance.now();
  const response = await fetch(url + path, {
    method,
    headers: { 'x-api-key': key, 'content-type': 'application/json' },
    ...(method === 'POST' && { body: '{"input_value":"x"}' }),
  });
  const text = await response.text();
  const ms = performance.now() - startedMs;
  const { code } = JSON.parse(text) as { code: string };
  return { ms, told: `${response.status} ${code}` };
}

try {
  const [mine, theirs] = [await aTeam('Bench one'), await aTeam('Bench two')];
  const cases: [string, string, (id: string) => string, string][] = [
    ['a flow', 'GET', (id) => `/api/v1/flows/${id}`, theirs.flowId],
    ['a run of a flow', 'POST', (id) => `/api/v1/run/${id}`, theirs.flowId],
    ['a run', 'GET', (id) => `/api/platform/v1/runs/${id}`, theirs.runId],
  ];
  const figures = [];
  for (const [what, method, pathOf, id] of cases) {
    const times: Record<'theirs' | 'none', number[]> = { theirs: [], none: [] };
    const told = new Set<string>();
    // The first ones are slower, whatever they ask for.
    for (let at = -50; at < tries; at++)
      for (const kind of at % 2 === 0 ? (['theirs', 'none'] as const) : (['none', 'theirs'] as const)) {
        const path = pathOf(kind === 'theirs' ? id : randomUUID());
        const answer = await timeOf(mine.key, method, path);
        told.add(answer.told);
        if (at >= 0) times[kind].push(answer.ms);
      }
    const [a, b] = [median(times.theirs), median(times.none)];
    process.stdout.write(
      `${what}: of another team ${a.toFixed(2)} ms, none ${b.toFixed(2)} ms, difference ${(a - b).toFixed(2)} ms; answers: ${[...told].join(', ')}\n`,
    );
    figures.push({ what, anotherTeamMs: a, noneMs: b, told: [...told] });
  }
  process.stdout.write(`${JSON.stringify(figures)}\n`);
} finally {
  await stack.close();
}
process.exit();

function median(times: readonly number[]): number {
  const sorted = times.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
