import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { isFinal } from '@causeway/dag';
import type { RunStatus } from '@causeway/dag';
import { type Api, ApiError, ConnectionCode } from '../api.js';
import { parseTweaks } from '../arguments.js';
import { isFolder, isPath, readNamedFile, withLastingIds } from '../flow-files.js';
import { type ImportProblem, importNotes } from '../import-notes.js';
import { type Output, showable } from '../output.js';
import { findFlow } from './find-flow.js';

export interface RunOptions {
  readonly input?: string;
  readonly stream?: boolean;
  readonly session?: string;
  readonly tweaks?: string;
}

interface RunAnswer {
  readonly warnings?: readonly string[];
  readonly session_id: string;
  readonly outputs: {
    readonly outputs: { readonly outputs?: Record<string, { readonly message?: unknown } | null> }[];
  }[];
}

/** How long to wait for the outcome of a cancel. */
const FATE_WITHIN_MS = 3_000;

/** Runs a flow by name, or a file, which is imported first; a known flow gets a new version. */
export async function run(api: Api, which: string, options: RunOptions, output: Output): Promise<number> {
  const body = {
    ...(options.input !== undefined && { input_value: options.input }),
    ...(options.session !== undefined && { session_id: options.session }),
    ...(options.tweaks !== undefined && { tweaks: parseTweaks(options.tweaks) }),
  };
  const isFile = isPath(which) || (existsSync(which) && !isFolder(which));
  const flow = isFile ? await importOne(api, which, output) : which;
  // The request is repeated while the server is busy or starting; it still starts only one run.
  const once = { 'idempotency-key': randomUUID() };
  const leaving = new AbortController();
  const ask = (id: string): Promise<Response> => {
    const path = `/api/v1/run/${encodeURIComponent(id)}${options.stream ? '?stream=true' : ''}`;
    return api.send('POST', path, body, once, leaving.signal);
  };
  const leave = (): void => leaving.abort();
  process.on('SIGINT', leave);
  let runId: string | undefined;
  try {
    const response = await submit(api, flow, ask);
    runId = response.headers.get('x-causeway-run-id') ?? undefined;
    const code = options.stream ? await stream(response, output) : await answer(response, output);
    output.progress(`run ${runId}`);
    return code;
  } catch (error) {
    if (leaving.signal.aborted) return await tellFate(api, runId, output);
    const lost = error instanceof ApiError ? error : api.findLoss(error);
    if (lost?.code !== ConnectionCode.lost) throw error;
    throw new ApiError(`${lost.message}; ${mayGoOn(runId)}`, 0, lost.code, runId);
  } finally {
    process.off('SIGINT', leave);
  }
}

/**
 * Submits with what the user wrote: Causeway finds the flow by its id, endpoint name or name, which needs no permission to read flows.
 * Langflow does not find names; there, and for an error that names similar flows, they are listed.
 */
async function submit(api: Api, which: string, ask: (flow: string) => Promise<Response>): Promise<Response> {
  try {
    return await ask(which);
  } catch (error) {
    if (!(error instanceof ApiError && error.status === 404)) throw error;
    const flow = await findFlow(api, which).catch((problem: unknown) => {
      throw problem instanceof ApiError && problem.status === 403 ? error : problem;
    });
    return ask(flow.id);
  }
}

function mayGoOn(runId: string | undefined): string {
  return `the run may still be running${runId === undefined ? '; see: npx causeway runs' : ''}`;
}

/** Reports the state of a run after an interrupt; a streamed run is cancelled when its caller leaves, which takes a moment. */
async function tellFate(api: Api, runId: string | undefined, output: Output): Promise<number> {
  let status: string | undefined;
  const until = Date.now() + FATE_WITHIN_MS;
  while (runId !== undefined && !(status && isFinal(status as RunStatus)) && Date.now() < until) {
    await pause(100);
    const seen = await api.json<{ status: string }>('GET', `/api/platform/v1/runs/${runId}`).catch(() => {});
    if (!seen) break;
    ({ status } = seen);
  }
  const told = status === undefined ? mayGoOn(runId) : `the run is ${status}`;
  output.failure({ message: `interrupted; ${told}`, code: 'INTERRUPTED', runId });
  return 130;
}

async function answer(response: Response, output: Output): Promise<number> {
  const runId = response.headers.get('x-causeway-run-id');
  const told = (await response.json()) as RunAnswer;
  for (const warning of told.warnings ?? []) output.progress(warning);
  output.result({ runId, ...told }, () => texts(told).join('\n') || JSON.stringify(told.outputs, null, 2));
  return 0;
}

async function importOne(api: Api, file: string, output: Output): Promise<string> {
  const flows = await api.upload<{ id: string; name: string; problems?: readonly ImportProblem[] }[]>(
    '/api/v1/flows/upload/',
    basename(file),
    withLastingIds(readNamedFile(file)),
  );
  const [flow] = flows;
  if (!flow || flows.length > 1)
    throw new Error(
      `${file} holds ${flows.length} flows, which are imported now; run one of them by its name`,
    );
  output.progress(`imported ${flow.name} as ${flow.id}`);
  for (const { message, remedy } of importNotes(flow.problems)) output.progress(`${message} ${remedy}`);
  return flow.id;
}

async function stream(response: Response, output: Output): Promise<number> {
  let failed = false;
  let shown = false;
  let ended = false;
  for await (const { event, data } of frames(response)) {
    if (output.asJson) process.stdout.write(`${JSON.stringify({ event, data })}\n`);
    else if (event === 'token')
      process.stdout.write(showable(String((data as { chunk?: string }).chunk ?? '')));
    else if (event === 'error') {
      const { error, code, run_id: runId } = data as { error?: string; code?: string; run_id?: string };
      output.failure({ message: String(error), ...(code !== undefined && { code }), runId });
    } else if (event === 'end') {
      const { result } = data as { result: RunAnswer };
      for (const warning of result.warnings ?? []) output.progress(warning);
      if (!shown) process.stdout.write(showable(texts(result).join('\n')));
    }
    shown ||= event === 'token';
    failed ||= event === 'error';
    ended ||= event === 'end' || event === 'error';
  }
  if (!output.asJson && (shown || !failed)) process.stdout.write('\n');
  if (!ended) throw new ApiError('the stream ended before its run did', 0, ConnectionCode.lost);
  return failed ? 1 : 0;
}

async function* frames(response: Response): AsyncGenerator<{ event: string; data: unknown }> {
  let rest = '';
  for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines)
      if (line.startsWith('{')) yield JSON.parse(line) as { event: string; data: unknown };
  }
}

function texts(answer: RunAnswer): string[] {
  return answer.outputs
    .flatMap((entry) => entry.outputs)
    .flatMap((result) => Object.values(result.outputs ?? {}))
    .map((entry) => entry?.message)
    .map((message) =>
      typeof message === 'string' ? message : ((message as { text?: string } | undefined)?.text ?? ''),
    )
    .filter((text) => text !== '');
}
