import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import type { Api } from '../api.js';
import type { Output } from '../output.js';
import { findFlow } from './find-flow.js';

export interface RunOptions {
  readonly input?: string;
  readonly stream?: boolean;
  readonly session?: string;
  readonly tweaks?: string;
}

interface RunAnswer {
  readonly session_id: string;
  readonly outputs: {
    readonly outputs: { readonly outputs?: Record<string, { readonly message?: unknown } | null> }[];
  }[];
}

/** Runs a flow by name, or a file: imports it first, as a new version when it is known. */
export async function run(api: Api, which: string, options: RunOptions, output: Output): Promise<number> {
  const flowId = existsSync(which) ? await importOne(api, which, output) : (await findFlow(api, which)).id;
  const body = {
    ...(options.input !== undefined && { input_value: options.input }),
    ...(options.session !== undefined && { session_id: options.session }),
    ...(options.tweaks !== undefined && { tweaks: parseTweaks(options.tweaks) }),
  };
  // A server that is busy or starting is asked again: it is one run all the same.
  const once = { 'idempotency-key': randomUUID() };
  if (options.stream)
    return stream(await api.send('POST', `/api/v1/run/${flowId}?stream=true`, body, once), output);
  const response = await api.send('POST', `/api/v1/run/${flowId}`, body, once);
  const runId = response.headers.get('x-causeway-run-id');
  const answer = (await response.json()) as RunAnswer;
  output.result(
    { runId, ...answer },
    () => texts(answer).join('\n') || JSON.stringify(answer.outputs, null, 2),
  );
  output.progress(`run ${runId}`);
  return 0;
}

async function importOne(api: Api, file: string, output: Output): Promise<string> {
  const flows = await api.upload<{ id: string; name: string }[]>(
    '/api/v1/flows/upload/',
    basename(file),
    new Uint8Array(readFileSync(file)),
  );
  const [flow] = flows;
  if (!flow || flows.length > 1)
    throw new Error(`${file} holds ${flows.length} flows; they are imported: run one by its name`);
  output.progress(`imported ${flow.name} as ${flow.id}`);
  return flow.id;
}

function parseTweaks(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`--tweaks is not JSON: ${(error as Error).message}`, { cause: error });
  }
}

async function stream(response: Response, output: Output): Promise<number> {
  let failed = false;
  let shown = false;
  for await (const { event, data } of frames(response)) {
    if (output.asJson) process.stdout.write(`${JSON.stringify({ event, data })}\n`);
    else if (event === 'token') process.stdout.write(String((data as { chunk?: string }).chunk ?? ''));
    else if (event === 'error') {
      const { error, code, run_id: runId } = data as { error?: string; code?: string; run_id?: string };
      output.failure({ message: String(error), ...(code !== undefined && { code }), runId });
    } else if (event === 'end' && !shown)
      process.stdout.write(texts((data as { result: RunAnswer }).result).join('\n'));
    shown ||= event === 'token';
    failed ||= event === 'error';
  }
  if (!output.asJson) process.stdout.write('\n');
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
