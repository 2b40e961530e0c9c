import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fetchOf } from '../https/pinned-fetch.js';
import { ROOT } from '../places.js';
import { type DemoGroup, type DemoTeam, demoGroups, demoTeams } from './demo-people.js';

/** The connection by which the people of the demo organisation sign in. */
export const DEMO_CONNECTION = 'demo';
const SAMPLE = 'tools/stack/samples/hello.json';
/** The template in the sample's prompt. */
const TEMPLATE = /Answer in one friendly sentence: \{question\}/g;
const MINUTE_MS = 60_000;

interface Named {
  readonly id: string;
  readonly name: string;
}

/** What Causeway must know of the identity provider. */
export interface DemoProvider {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
}

/** Makes the teams, groups, roles and flows of the demo organisation through the API, as an administrator would. What is there stays. */
export async function setUpDemo(
  url: string,
  apiKey: string,
  provider: DemoProvider,
  certFile?: string,
): Promise<void> {
  const api = new Asking(url, apiKey, certFile);
  await api.ask('PUT', `/api/platform/v1/connections/${DEMO_CONNECTION}`, {
    ...provider,
    label: 'Demo company',
    domains: ['demo.example'],
    disabled: false,
  });
  const teams = new Map<string, string>();
  for (const team of demoTeams) teams.set(team.name, await ensureTeam(api, team));
  const groups = await api.all('/api/platform/v1/groups');
  for (const group of demoGroups) {
    const id = groups.find(({ name }) => name === group.name)?.id ?? (await makeGroup(api, group));
    const objectId = group.team === undefined ? undefined : teams.get(group.team);
    const place = objectId === undefined ? { level: 'organisation' } : { level: 'team', objectId };
    const subject = { kind: 'group', id };
    await api.ask('POST', '/api/platform/v1/role-bindings', { subject, role: group.role, ...place });
  }
}

async function makeGroup(api: Asking, { name }: DemoGroup): Promise<string> {
  const body = { name, connection: DEMO_CONNECTION };
  return (await api.ask<Named>('POST', '/api/platform/v1/groups', body)).id;
}

/** A team has its first flow from a service account, because a key works in one team. */
async function ensureTeam(api: Asking, { name, flow }: DemoTeam): Promise<string> {
  const known = (await api.all('/api/platform/v1/teams')).find((team) => team.name === name);
  const { id } = known ?? (await api.ask<Named>('POST', '/api/platform/v1/teams', { name }));
  const path = `/api/platform/v1/teams/${id}/service-accounts`;
  const account =
    (await api.all(path)).find((one) => one.name === 'demo') ??
    (await api.ask<Named>('POST', path, { name: 'demo', role: 'editor' }));
  const expiresAt = new Date(Date.now() + 10 * MINUTE_MS).toISOString();
  const key = await api.ask<{ id: string; api_key: string }>(
    'POST',
    `/api/platform/v1/service-accounts/${account.id}/keys`,
    { name: 'demo', expires_at: expiresAt },
  );
  const team = new Asking(api.url, key.api_key, api.certFile);
  const flows = await team.ask<Named[]>('GET', '/api/v1/flows/?get_all=true&header_flows=true');
  if (!flows.some((one) => one.name === flow.name)) {
    const text = readFileSync(join(ROOT, SAMPLE), 'utf8').replaceAll(TEMPLATE, flow.prompt);
    const { data } = JSON.parse(text) as { data: unknown };
    await team.ask('POST', '/api/v1/flows/', { name: flow.name, endpoint_name: flow.endpointName, data });
  }
  await api.ask('DELETE', `/api/v1/api_key/${key.id}`);
  return id;
}

/** Asks the gateway. */
class Asking {
  constructor(
    readonly url: string,
    private readonly apiKey: string,
    readonly certFile: string | undefined,
  ) {}

  /** @throws Error that says what the gateway answered */
  async ask<T = unknown>(method: string, path: string, body?: unknown): Promise<T> {
    const response = await fetchOf(this.certFile)(this.url + path, {
      method,
      headers: {
        'x-api-key': this.apiKey,
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok)
      throw new Error(
        `demo organisation: ${method} ${path} answered ${response.status}: ${text.slice(0, 300)}`,
      );
    return (text === '' ? undefined : JSON.parse(text)) as T;
  }

  /** Every item of a list. */
  async all(path: string): Promise<Named[]> {
    const items: Named[] = [];
    for (let after = ''; ;) {
      const page = await this.ask<{ items: Named[]; next?: string }>('GET', `${path}?limit=500${after}`);
      items.push(...page.items);
      if (page.next === undefined) return items;
      after = `&after=${encodeURIComponent(page.next)}`;
    }
  }
}
