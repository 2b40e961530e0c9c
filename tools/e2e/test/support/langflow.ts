import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { chatFlow, echoFlow } from './flows.js';
import { type Site, startSite } from './site.js';

/** The answers of a running Langflow to `causeway import --from`; one of its flows is not a flow. */
export interface RunningLangflow {
  readonly site: Site;
  readonly key: string;
  readonly project: string;
  readonly flows: readonly { readonly id: string; readonly name: string }[];
}

/** Starts a server with the part of Langflow's protocol that an import uses. */
export async function startLangflow(): Promise<RunningLangflow> {
  const key = `sk-${randomUUID()}`;
  const unique = randomUUID().slice(0, 8);
  const folder = { id: randomUUID(), name: `From afar ${unique}`, description: 'what was there' };
  const file = (content: object, name: string) => ({
    ...content,
    id: randomUUID(),
    name,
    folder_id: folder.id,
  });
  const flows = [
    file(chatFlow(), `Far chat ${unique}`),
    file(echoFlow(), `Far echo ${unique}`),
    { id: randomUUID(), name: `Broken ${unique}`, folder_id: folder.id, data: { nodes: 'none' } },
  ];
  const answers: Record<string, unknown> = {
    '/api/v1/projects/': [folder],
    '/api/v1/flows/': flows.map(({ id, name, folder_id: inFolder }) => ({ id, name, folder_id: inFolder })),
    '/api/v1/variables/': [
      { id: randomUUID(), name: `FAR_KEY_${unique}`, type: 'Credential', value: null, default_fields: [] },
    ],
    ...Object.fromEntries(flows.map((flow) => [`/api/v1/flows/${flow.id}`, flow])),
  };
  const site = await startSite((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://site');
    if (request.headers['x-api-key'] !== key)
      return send(response, 403, { detail: 'An API key must be passed' });
    const found = answers[pathname];
    send(response, found === undefined ? 404 : 200, found ?? { detail: 'Not Found' });
  });
  return { site, key, project: folder.name, flows: flows.map(({ id, name }) => ({ id, name })) };
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}
