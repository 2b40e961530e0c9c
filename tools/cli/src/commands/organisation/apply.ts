import { dirname } from 'node:path';
import { createInterface } from 'node:readline/promises';
import type { OrganisationFile } from '@causeway/contracts';
import { type Api, ApiError } from '../../api.js';
import { count, paint } from '../../output.js';
import type { Output } from '../../output.js';
import { carryOut, readSecrets } from './carry-out.js';
import { makePlan } from './make-plan.js';
import type { Plan } from './plan.js';
import { readState } from './present-state.js';
import { readOrganisationFile } from './read-file.js';
import type { Step } from './step.js';

/** How a file is applied. */
export interface ApplyOptions {
  readonly dryRun?: boolean;
  readonly yes?: boolean;
  readonly prune?: boolean;
  readonly secrets?: boolean;
}

/** With --dry-run: there is something to do. */
const DIFFERENT = 2;

/** Makes the organisation as a file says: shows the plan, asks, and carries it out. */
export async function applyFile(
  api: Api,
  path: string,
  options: ApplyOptions,
  output: Output,
): Promise<number> {
  const { dryRun = false, yes = false, prune = false, secrets = false } = options;
  const file = readOrganisationFile(path);
  const state = await readState(api, namedPeople(file));
  const plan = makePlan(file, state, { prune, secrets });
  const { steps } = plan;
  if (steps.length === 0 || dryRun) {
    output.result({ ...shown(plan), done: 0 }, () => planText(plan));
    return steps.length > 0 ? DIFFERENT : 0;
  }
  const values = readSecrets(steps, process.env, dirname(path));
  // With --yes each step is told when it is done, and not before too.
  for (const line of yes ? restOf(plan) : [planText(plan)]) output.progress(line);
  if (!yes && !(await isAgreed(steps))) throw new Error('nothing was changed');
  const outcome = await carryOut(api, state, steps, values, (step) =>
    output.progress(`done  ${stepText(step)}`),
  );
  const { done, undone, error } = outcome;
  if (!error) {
    output.result({ ...shown(plan), done: done.length }, () => `${count(done.length, 'change')} made`);
    return 0;
  }
  const code = error instanceof ApiError ? error.code : 'ERROR';
  const [failed] = undone;
  const told = [
    `${failed ? stepText(failed) : ''}: ${error.message}`,
    done.length === 0 ? 'nothing was changed' : `done before that:\n${listed(done)}`,
    ...(undone.length > 1 ? [`not done:\n${listed(undone.slice(1))}`] : []),
    'apply the file again when that is mended: what is done stays done',
  ];
  if (output.asJson)
    output.result({ ...shown(plan), done: done.length, error: { code, message: told[0] } }, () => '');
  else output.failure({ message: told.join('\n'), code });
  return 1;
}

/** People whom the file names. */
export function namedPeople({ users = [], groups = [] }: OrganisationFile): string[] {
  return [...users.map(({ user }) => user), ...groups.flatMap(({ members = [] }) => members)];
}

function shown({ steps, waiting, kept }: Plan): object {
  return {
    plan: steps.map(({ act, what, detail }) => ({ act, what, ...(detail !== undefined && { detail }) })),
    waiting,
    kept,
  };
}

function planText(plan: Plan): string {
  return [plan.steps.length === 0 ? 'nothing to do' : listed(plan.steps), ...restOf(plan)].join('\n');
}

/** What a plan leaves as it is. */
function restOf({ waiting, kept }: Plan): string[] {
  return [
    ...waiting.map((text) => `waits   ${text}`),
    ...kept.map((text) => paint('dim', `stays   ${text}`)),
    ...(kept.length > 0 ? ['what stays is not in the file; --prune removes what can be removed'] : []),
  ];
}

function listed(steps: readonly Step[]): string {
  return steps.map(stepText).join('\n');
}

function stepText({ act, what, detail }: Step): string {
  return `${act.padEnd(6)}  ${what}${detail === undefined ? '' : `  (${detail})`}`;
}

async function isAgreed(steps: readonly Step[]): Promise<boolean> {
  if (!process.stdin.isTTY)
    throw new Error(
      'nothing was changed: nobody can be asked here, so give --yes, or --dry-run to see the plan only',
    );
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await lines.question(
      `make ${steps.length === 1 ? 'this change' : `these ${steps.length} changes`}? Type yes: `,
    );
    return answer.trim() === 'yes';
  } finally {
    lines.close();
  }
}
