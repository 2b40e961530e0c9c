import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fetchOf } from '../https/pinned-fetch.js';
import { commandHere } from '../home.js';
import { ROOT } from '../places.js';

const FILE = 'tools/stack/samples/hello.json';
/** A first call of a real model may take this long; after that the run counts as unanswered. */
const RUN_WITHIN_MS = 60_000;
const QUESTION = 'What is a causeway?';

/** The result of the sample flow. */
export interface SampleRun {
  readonly question: string;
  /** Absent when the run failed. */
  readonly answer?: string;
  /** The gateway's error when it failed. */
  readonly problem?: string;
  /** The same run as a line for a shell. */
  readonly curl: string;
}

/** The part of a run's answer that is read here. */
interface RunAnswer {
  readonly detail?: string;
  readonly outputs?: readonly {
    readonly outputs?: readonly { readonly results?: { readonly message?: { readonly text?: string } } }[];
  }[];
}

/**
 * Imports the sample flow unless it exists, runs it through the gateway, and returns the result. It does not throw when the run fails: a
 * real provider may refuse although the platform works.
 */
export async function runSample(url: string, apiKey: string, certFile?: string): Promise<SampleRun> {
  const fetch = fetchOf(certFile);
  const text = readFileSync(join(ROOT, FILE), 'utf8');
  const flow = JSON.parse(text) as { id: string; endpoint_name: string };
  const headers = { 'x-api-key': apiKey };
  const known = await fetch(`${url}/api/v1/flows/${flow.id}`, { headers });
  if (!known.ok) {
    const body = new FormData();
    body.set('file', new Blob([text], { type: 'application/json' }), 'hello.json');
    await accepted(
      'import of the sample flow',
      await fetch(`${url}/api/v1/flows/upload/`, { method: 'POST', headers, body }),
    );
  }
  const run = `${url}/api/v1/run/${flow.endpoint_name}`;
  const body = JSON.stringify({ input_value: QUESTION });
  const response = await fetch(run, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json' },
    body,
    signal: AbortSignal.timeout(RUN_WITHIN_MS),
  }).catch((error: Error) => {
    throw new Error(`run of the sample flow: no answer from ${run} (${error.message})`, { cause: error });
  });
  const trust = certFile === undefined ? '' : ` --cacert ${certFile}`;
  const curl = `curl -sS${trust} ${run} -H 'x-api-key: ${apiKey}' -H 'content-type: application/json' -d '${body}'`;
  const answer = (await response.json()) as RunAnswer;
  const said = answer.outputs?.[0]?.outputs?.[0]?.results?.message?.text;
  if (said !== undefined) return { question: QUESTION, answer: said, curl };
  const problem = answer.detail ?? JSON.stringify(answer).slice(0, 500);
  const told = problem.replaceAll(/\s+/g, ' ').replaceAll('npx causeway', commandHere('npx causeway'));
  return { question: QUESTION, problem: told, curl };
}

async function accepted(what: string, response: Response): Promise<unknown> {
  const text = await response.text();
  if (!response.ok)
    throw new Error(`${what}: the gateway answered ${response.status}: ${text.slice(0, 500)}`);
  return JSON.parse(text);
}
