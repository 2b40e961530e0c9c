import {
  DEFAULT_ORGANISATION_ID,
  DEFAULT_PROJECT_ID,
  DEFAULT_TEAM_ID,
  getProject,
  listFlows,
} from '@causeway/contracts';
import type { FlowRead, InputOf, ReplyOf } from '@causeway/contracts';
import { Handles, runService } from '@causeway/platform';
import { testNats } from '@causeway/testing';
import { Controller, Module } from '@nestjs/common';
import { afterAll, describe, expect, it } from 'vitest';
import { KEY, startNeighbours } from './neighbours.js';
import { flowOf } from './stand-in-registry.js';
import { startGateway } from './start-gateway.js';

const COUNT = 130;
/** Graphs in one message. */
const TOGETHER = 3;
const asked: InputOf<typeof listFlows>[] = [];
const tenant = { organisationId: DEFAULT_ORGANISATION_ID, teamId: DEFAULT_TEAM_ID };

@Controller()
class Registry {
  @Handles(listFlows)
  list(question: InputOf<typeof listFlows>): ReplyOf<typeof listFlows> {
    asked.push(question);
    const { flowIds, page, size, withData } = question;
    const all = Array.from({ length: COUNT }, (_, n) => flowOf(n)).filter(
      ({ id }) => flowIds?.includes(id) ?? true,
    );
    const items = all.slice((page - 1) * size, page * size);
    const data = { inline: '{"nodes":[],"edges":[],"n":1.0}' };
    return {
      items: items.map((flow, at) => (withData && at < TOGETHER ? { ...flow, data } : flow)),
      total: all.length,
    };
  }

  @Handles(getProject)
  project({ projectId }: InputOf<typeof getProject>): ReplyOf<typeof getProject> {
    return { id: projectId, ...tenant, name: 'P', description: null, parentId: null };
  }
}

@Module({ controllers: [Registry] })
class RegistryModule {}

const nats = await testNats();
const neighbours = await startNeighbours(nats.url);
const registry = await runService({
  settings: {},
  embedded: true,
  version: '0',
  name: 'flow-registry',
  environment: { ...neighbours.environment, CAUSEWAY_LOG_LEVEL: 'silent' },
  module: async () => RegistryModule,
});
const gateway = await startGateway(nats.url, neighbours.environment);
afterAll(async () => {
  await gateway.close();
  await registry.drain('test is over');
});

async function get(path: string): Promise<string> {
  const response = await fetch(gateway.url + path, { headers: { 'x-api-key': KEY } });
  expect([response.status, response.headers.get('content-type')]).toEqual([
    200,
    'application/json; charset=utf-8',
  ]);
  return response.text();
}
const names = (flows: readonly FlowRead[]): string[] => flows.map(({ name }) => name);
const numbered = (from: number, to: number): string[] =>
  Array.from({ length: to - from }, (_, at) => `Flow ${from + at}`);

describe('a list of flows', () => {
  it('has all of them in their order, with unparsed graphs, a few at a time', async () => {
    asked.length = 0;
    const text = await get('/api/v1/flows');
    const flows = JSON.parse(text) as FlowRead[];
    expect(names(flows)).toEqual(numbered(0, COUNT));
    expect(flows.every(({ data, folder_id: folder }) => data !== null && folder === DEFAULT_PROJECT_ID)).toBe(
      true,
    );
    expect(text).toContain('"n":1.0');
    expect(asked.filter(({ withData }) => withData).every(({ size }) => size <= 20)).toBe(true);
  });

  it('has no graphs when only headers are requested', async () => {
    asked.length = 0;
    const flows = JSON.parse(await get('/api/v1/flows?header_flows=true')) as FlowRead[];
    expect(names(flows)).toEqual(numbered(0, COUNT));
    expect(flows.every(({ data }) => data === null)).toBe(true);
    expect(asked.some(({ withData }) => withData)).toBe(false);
  });

  it('has exact pages', async () => {
    const page = JSON.parse(await get('/api/v1/flows?get_all=false&page=2&size=50')) as { items: FlowRead[] };
    expect(page).toMatchObject({ total: COUNT, page: 2, size: 50, pages: 3 });
    expect(names(page.items)).toEqual(numbered(50, 100));
    const past = JSON.parse(await get('/api/v1/flows?get_all=false&page=9&size=50')) as { items: FlowRead[] };
    expect(past).toEqual({ items: [], total: COUNT, page: 9, size: 50, pages: 3 });
  });

  it('is part of a project as well', async () => {
    const path = `/api/v1/projects/${DEFAULT_PROJECT_ID}`;
    const whole = JSON.parse(await get(path)) as { name: string; flows: FlowRead[] };
    expect([whole.name, whole.flows.length]).toEqual(['P', COUNT]);
    const page = JSON.parse(await get(`${path}?page=1&size=10`)) as { flows: { items: FlowRead[] } };
    expect(page).toMatchObject({
      folder: { name: 'P' },
      flows: { total: COUNT, page: 1, size: 10, pages: 13 },
    });
    expect(names(page.flows.items)).toEqual(numbered(0, 10));
  });
});
