import { type ChildProcess, fork } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Causeway, type CausewayOptions, ROOT, createCauseway } from '@causeway/stack';

/** The whole platform on a private folder of its own, with the chat flow imported, and a bare server for comparison. */
export interface BenchStack {
  readonly causeway: Causeway;
  readonly runPath: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Address of the services' database, as superuser. */
  readonly databaseUrl: string;
  /** Origin of a server that gives a run's answer without doing anything. */
  readonly bareUrl: string;
  close(): Promise<void>;
}

/** ChatInput → Prompt → LanguageModelComponent → ChatOutput. */
export const SAMPLE = readFileSync(join(ROOT, 'tools/stack/samples/hello.json'), 'utf8');

/** Requests are counted as ever, and no measurement is refused. */
const most = '1000000000';
const unlimited = {
  CAUSEWAY_RATE_LIMIT_PER_ADDRESS: most,
  CAUSEWAY_RATE_LIMIT_PER_KEY: most,
  CAUSEWAY_RATE_LIMIT_PER_USER: most,
  CAUSEWAY_RATE_LIMIT_PER_TEAM: most,
};

/** @param options  how it differs from what `npm start` starts */
export async function startBenchStack(
  say: (line: string) => void,
  options: Partial<CausewayOptions> = {},
): Promise<BenchStack> {
  const home = mkdtempSync(join(tmpdir(), 'causeway-bench-'));
  let bare: ChildProcess | undefined;
  let causeway: Causeway | undefined;
  const close = async (): Promise<void> => {
    bare?.disconnect();
    await causeway?.stop();
    rmSync(home, { recursive: true, force: true });
  };
  try {
    const environment = {
      ...options.environment,
      gateway: { ...unlimited, ...options.environment?.gateway },
    };
    causeway = await createCauseway({ home, port: 0, scripted: true, say, ...options, environment });
    const headers = { 'x-api-key': causeway.apiKey, 'content-type': 'application/json' };
    const runPath = `/api/v1/run/${await importSample(causeway)}`;
    const answer = await fetch(causeway.url + runPath, {
      method: 'POST',
      headers,
      body: '{"input_value":"warm"}',
    });
    if (!answer.ok) throw new Error(`the chat flow does not run: ${answer.status} ${await answer.text()}`);
    bare = fork(fileURLToPath(new URL('./bare-server.js', import.meta.url)), [await answer.text()]);
    const port = await new Promise((resolve) => bare?.once('message', resolve));
    const database = new URL(causeway.servers.postgres.url);
    database.pathname = new URL(Object.values(causeway.databaseUrls)[0] ?? '').pathname;
    return {
      causeway,
      runPath,
      headers,
      databaseUrl: database.href,
      bareUrl: `http://127.0.0.1:${String(port)}`,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

async function importSample({ url, apiKey }: Causeway): Promise<string> {
  const body = new FormData();
  body.set('file', new Blob([SAMPLE]), 'hello.json');
  const response = await fetch(`${url}/api/v1/flows/upload`, {
    method: 'POST',
    headers: { 'x-api-key': apiKey },
    body,
  });
  if (!response.ok)
    throw new Error(`the chat flow is not imported: ${response.status} ${await response.text()}`);
  return ((await response.json()) as { id: string }[])[0]?.id ?? '';
}
