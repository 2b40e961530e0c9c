import { commandHere, openHome } from '../home.js';
import type { Running } from '../running.js';
import type { Demo } from '../demo/start-demo.js';
import type { SampleRun } from '../stack/sample.js';

/** The addresses, the key, the folder and the processes of a copy. */
export interface Places {
  readonly url: string;
  readonly apiKey: string;
  readonly home: string;
  /** The gateway's certificate, when it speaks HTTPS. */
  readonly certFile?: string | undefined;
  readonly pids: Readonly<Record<string, number>>;
  /** Addresses of each service's /health, /ready and /metrics, by name. */
  readonly internalUrls: Readonly<Record<string, string>>;
}

/** The contents of the report that `npm start` prints. */
export interface Report extends Places {
  readonly sample: SampleRun;
  readonly isScripted: boolean;
  /** With --demo-org. */
  readonly demo?: Demo;
}

const SCRIPTED =
  'The model is scripted, because no provider’s key was found. For a real model set OPENAI_API_KEY, ANTHROPIC_API_KEY\n' +
  'or GOOGLE_API_KEY in the environment or in .env.';
const DEFAULT_MODEL = 'CAUSEWAY_DEFAULT_MODEL, as provider/model, sets the model of nodes that name none.';

/** The report for a program, without the commands that only a person needs. */
export function jsonOf({ isScripted, sample, demo, ...places }: Report): string {
  const { question, answer, problem } = sample;
  const model = isScripted ? 'scripted' : 'provider';
  return `${JSON.stringify({ ...places, model, sample: { question, answer, problem }, demo })}\n`;
}

/** The report for a person. */
export function pageOf(report: Report, detached = false): string {
  const { question, answer, curl } = report.sample;
  return `
You ask:    ${question}
${answer === undefined ? 'No answer:  see below' : `It answers: ${answer}`}

${describeModel(report)}

${describePlaces(report)}
${curl}
${report.demo ? describeDemo(report.demo) : ''}
${detached ? `To stop it: ${commandHere('npm stop')}` : 'To stop everything: Ctrl-C'}
`;
}

/** Which model answered the sample's question, or why none did. */
export function describeModel({ isScripted, sample }: Pick<Report, 'isScripted' | 'sample'>): string {
  if (isScripted) return SCRIPTED;
  if (sample.problem === undefined) return `Your provider’s model answered. ${DEFAULT_MODEL}`;
  return `Causeway runs, but the model of your provider did not answer: ${sample.problem}\n${DEFAULT_MODEL}`;
}

/** The address, the key and the folder of a copy. */
export function describePlaces({ url, apiKey, home, certFile }: Places): string {
  const cert = certFile === undefined ? '' : `Cert  ${certFile}\n`;
  return `URL   ${url}\nKey   ${apiKey}\nHome  ${home}\n${cert}`;
}

/** The report on a copy that another command has started on this private folder. */
export function placesOfRunning(
  home: string,
  {
    url = '',
    certFile,
    apiKey = openHome(home).secrets.apiKey,
    stack,
    processes,
    internalUrls = {},
  }: Running,
): Places {
  const pids = Object.fromEntries([stack, ...processes].map(({ name, pid }) => [name, pid]));
  return { url, apiKey, home, certFile, pids, internalUrls };
}

/** The people of the demo organisation, and how to sign in as one of them. */
export function describeDemo({ issuer, signInUrl, people }: Demo): string {
  const width = Math.max(...people.map(({ email }) => email.length));
  const lines = people.map(
    ({ email, password, groups, may }) =>
      `  ${email.padEnd(width)}  password ${password}  ${groups.join(' and ')}: ${may.join(', ')}`,
  );
  return `
A demo organisation. Open ${signInUrl}, choose Demo company, and sign in as one of:
${lines.join('\n')}
Their identity provider is ${issuer}. What they did: npx causeway audit
`;
}
