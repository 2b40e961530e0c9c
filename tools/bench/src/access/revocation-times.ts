import { randomBytes, randomUUID } from 'node:crypto';
import { parseArgs } from 'node:util';
import { type BenchStack, startBenchStack } from '../bench-stack.js';
import { measureLoad } from '../measure-load.js';
import { type Percentiles, percentilesOf, percentilesText } from './percentiles.js';

/**
 * Measures how long somebody is still served after an administrator has taken their access away: from the answer to the change, at one
 * gateway, to the first refusal at another one, on an idle platform and on one that runs flows for ten callers. Then how long requests
 * take to be refused while NATS is unreachable. `--tries N` of each kind.
 */
const { values } = parseArgs({ options: { tries: { type: 'string', default: '200' } } });
const tries = Number(values.tries);
if (!(tries > 0)) throw new Error('--tries takes a number above 0');

/** Somebody with access that can be ended. */
interface Subject {
  /** What their requests send. */
  readonly headers: Readonly<Record<string, string>>;
  end(): Promise<unknown>;
}

const PASSWORD = randomBytes(12).toString('hex');
/** So many requests are sent while NATS is down. */
const WITHOUT_NATS = 50;
const say = (line: string): void => void process.stderr.write(`${line}\n`);
const stack = await startBenchStack(say, {
  gateways: 2,
  // Whoever is refused as often as here would be refused for that.
  environment: { gateway: { CAUSEWAY_RATE_LIMIT_REFUSED_PER_ADDRESS: '0' } },
});
const [url = '', other = url] = stack.causeway.urls;

async function send(
  at: string,
  headers: Readonly<Record<string, string>>,
  method: string,
  path: string,
  body?: object | URLSearchParams,
): Promise<Response> {
  return fetch(at + path, {
    method,
    headers: {
      ...headers,
      ...(body && !(body instanceof URLSearchParams) && { 'content-type': 'application/json' }),
    },
    ...(body && { body: body instanceof URLSearchParams ? body : JSON.stringify(body) }),
  });
}

async function ask<T>(method: string, path: string, body?: object | URLSearchParams): Promise<T> {
  const response = await send(url, { 'x-api-key': stack.causeway.apiKey }, method, path, body);
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
  return (text === '' ? undefined : JSON.parse(text)) as T;
}

/** Milliseconds from the answer to the change until the other gateway refuses; it has served the caller just before. */
async function timeOf({ headers, end }: Subject): Promise<number> {
  let last = '';
  const status = async (): Promise<number> => {
    const response = await send(other, headers, 'GET', '/api/platform/v1/runs?limit=1');
    last = await response.text();
    return response.status;
  };
  // A gateway remembers for a moment that a key was refused.
  const untilMs = performance.now() + 10_000;
  while ((await status()) !== 200)
    if (performance.now() > untilMs) throw new Error(`refused before access was taken away: ${last}`);
  await end();
  const endedMs = performance.now();
  while ((await status()) === 200);
  return performance.now() - endedMs;
}

async function makeKinds(): Promise<Record<string, () => Promise<Subject>>> {
  const team = await ask<{ id: string }>('POST', '/api/platform/v1/teams', { name: `Bench ${randomUUID()}` });
  const accounts = `/api/platform/v1/teams/${team.id}/service-accounts`;
  const makeAccount = (name: string) => ask<{ id: string }>('POST', accounts, { name, role: 'viewer' });
  const makeKey = ({ id }: { id: string }) =>
    ask<{ id: string; api_key: string }>('POST', `/api/platform/v1/service-accounts/${id}/keys`, {
      name: 'k',
    });
  const [lasting, bound, disabled] = [
    await makeAccount('lasting'),
    await makeAccount('bound'),
    await makeAccount('disabled'),
  ];
  const [keyOfBound, keyOfDisabled] = [await makeKey(bound), await makeKey(disabled)];
  const login = `${randomUUID()}@bench.example`;
  const invited = await ask<{ link: string }>('POST', '/api/platform/v1/invitations', {
    name: 'Bench',
    role: 'viewer',
    level: 'team',
    objectId: team.id,
  });
  await acceptInvitation(invited.link, login);
  return {
    'a key is revoked': async () => {
      const { id, api_key: key } = await makeKey(lasting);
      return { headers: { 'x-api-key': key }, end: () => ask('DELETE', `/api/v1/api_key/${id}`) };
    },
    'a role is taken away': async () => {
      const { id } = await ask<{ id: string }>('POST', '/api/platform/v1/role-bindings', {
        subject: { kind: 'service_account', id: bound.id },
        role: 'viewer',
        level: 'team',
        objectId: team.id,
      });
      const end = () => ask('DELETE', `/api/platform/v1/role-bindings/${id}`);
      return { headers: { 'x-api-key': keyOfBound.api_key }, end };
    },
    'a holder is disabled': async () => {
      const set = (isDisabled: boolean) =>
        ask('PATCH', `/api/platform/v1/service-accounts/${disabled.id}`, { disabled: isDisabled });
      await set(false);
      return { headers: { 'x-api-key': keyOfDisabled.api_key }, end: () => set(true) };
    },
    'a session is ended': async () => {
      const form = new URLSearchParams({ username: login, password: PASSWORD });
      const answer = await send(url, {}, 'POST', '/api/v1/login', form);
      const { access_token: token } = (await answer.json()) as { access_token: string };
      const headers = { authorization: `Bearer ${token}` };
      return {
        headers,
        end: async () => (await send(url, headers, 'POST', '/api/v1/logout')).arrayBuffer(),
      };
    },
  };
}

/** Chooses a password, as the person does on the page of the invitation. */
async function acceptInvitation(link: string, login: string): Promise<void> {
  const page = await fetch(link);
  const cookie = page.headers
    .getSetCookie()
    .map((one) => one.split(';')[0])
    .join('; ');
  const fields = new URLSearchParams({ login, password: PASSWORD });
  for (const [input] of (await page.text()).matchAll(/<input[^>]*>/g)) {
    const [, name] = /name="([^"]*)"/.exec(input) ?? [];
    const [, value] = /value="([^"]*)"/.exec(input) ?? [];
    if (name !== undefined && value !== undefined && !fields.has(name)) fields.set(name, value);
  }
  const answer = await fetch(`${url}/invitation`, {
    method: 'POST',
    headers: { cookie, origin: url, 'sec-fetch-site': 'same-origin' },
    body: fields,
    redirect: 'manual',
  });
  if (answer.status >= 400)
    throw new Error(`the invitation was not accepted: ${answer.status} ${await answer.text()}`);
}

const figures: Record<string, Percentiles> = {};
function report(what: string, times: readonly number[]): void {
  figures[what] = percentilesOf(times);
  process.stdout.write(`${what}: ${percentilesText(figures[what])}\n`);
}

async function measureKinds(kinds: Awaited<ReturnType<typeof makeKinds>>, when: string): Promise<void> {
  for (const [what, make] of Object.entries(kinds)) {
    const times: number[] = [];
    for (let at = 0; at < tries; at++) times.push(await timeOf(await make()));
    report(`${what}, ${when}`, times);
  }
}

/** Runs flows for ten callers until the work is done. */
async function underLoad({ runPath, headers }: BenchStack, work: () => Promise<void>): Promise<void> {
  let isOver = false;
  const loading = (async () => {
    let runs = 0;
    while (!isOver)
      runs += (await measureLoad({ url, path: runPath, headers, callers: 10, forMs: 2_000 })).runs;
    say(`${runs} runs meanwhile`);
  })();
  try {
    await Promise.race([work(), loading]);
  } finally {
    isOver = true;
    await loading.catch(() => {});
  }
}

try {
  const kinds = await makeKinds();
  await measureKinds(kinds, 'idle');
  await underLoad(stack, () => measureKinds(kinds, 'under load'));
  await stack.causeway.servers.nats.kill();
  const times: number[] = [];
  const told = new Set<string>();
  for (let at = 0; at < WITHOUT_NATS; at++) {
    const startedMs = performance.now();
    const response = await send(url, stack.headers, 'POST', stack.runPath, { input_value: 'x' });
    const { code } = (await response.json()) as { code?: string };
    times.push(performance.now() - startedMs);
    told.add(`${response.status} ${code ?? ''}`);
  }
  report(`refused while NATS is unreachable (${[...told].join(', ')})`, times);
  await stack.causeway.servers.nats.start();
  process.stdout.write(`${JSON.stringify(figures)}\n`);
} finally {
  await stack.close();
}
process.exit();
