import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { type Api, ApiError } from '../../api.js';
import type { PresentState } from './present-state.js';
import { keyOfSubject } from './plan-roles.js';
import type { Step } from './step.js';

/** What was done of a plan, and what was not. */
export interface Outcome {
  readonly done: readonly Step[];
  readonly undone: readonly Step[];
  /** Why it stopped; undefined when everything was done. */
  readonly error?: Error;
}

/** The secrets that steps send along, by where they are. @param folder  files are named from there @throws Error that names a place where none is */
export function readSecrets(
  steps: readonly Step[],
  environment: NodeJS.ProcessEnv,
  folder: string,
): ReadonlyMap<string, string> {
  const places = new Set(steps.flatMap(({ secret }) => (secret ? [secret] : [])));
  return new Map([...places].map((place) => [place, readSecret(place, environment, folder)]));
}

/** Makes the steps of a plan one after another, and stops at the first that fails. */
export async function carryOut(
  api: Api,
  state: PresentState,
  steps: readonly Step[],
  secrets: ReadonlyMap<string, string>,
  tell: (step: Step) => void,
): Promise<Outcome> {
  const ids = idsOf(state);
  for (const [at, step] of steps.entries()) {
    try {
      await checkConnections(api, step);
      const { method, path, body } = step.request(ids);
      const { secret, makes } = step;
      const sent = secret === undefined ? body : { ...body, clientSecret: secret && secrets.get(secret) };
      const made = await api.json<{ id?: string } | undefined>(method, path, sent);
      if (makes !== undefined && made?.id !== undefined) ids.set(makes, made.id);
    } catch (error) {
      if (!(error instanceof ApiError) && !(error instanceof Error)) throw error;
      return { done: steps.slice(0, at), undone: steps.slice(at), error };
    }
    tell(step);
  }
  return { done: steps, undone: [] };
}

/** Nobody is sent only to identity providers of which none answers. */
async function checkConnections(api: Api, { needsConnections: names }: Step): Promise<void> {
  if (!names) return;
  const problems: string[] = [];
  for (const name of names) {
    try {
      await api.send('POST', `/api/platform/v1/connections/${name}/test`);
      return;
    } catch (error) {
      problems.push(`${name}: ${(error as Error).message}`);
    }
  }
  throw new Error(`SSO is not enforced, because no connection works: ${problems.join('; ')}`);
}

function idsOf(state: PresentState): Map<string, string> {
  const { teams, groups, accounts, people } = state;
  return new Map([
    ...teams.map(({ id, name }) => [`team ${name}`, id] as const),
    ...groups.map(({ group }) => [`group ${group.name}`, group.id] as const),
    ...accounts.map(
      ({ id, name }) => [keyOfSubject({ kind: 'service_account', id, name }, state), id] as const,
    ),
    ...[...people.values()].flat().map(({ id }) => [`user ${id}`, id] as const),
  ]);
}

function readSecret(place: string, environment: NodeJS.ProcessEnv, folder: string): string {
  const name = /^\$\{env:(\w+)\}$/.exec(place)?.[1];
  const value =
    name === undefined
      ? readFileSync(resolve(folder, place.slice('file:'.length)), 'utf8').replace(/\r?\n$/, '')
      : environment[name];
  if (!value) throw new Error(`there is no secret at ${place}; nothing was changed`);
  return value;
}
