import type { Api } from '../api.js';
import { table } from '../output.js';
import type { Output } from '../output.js';
import { describeNone } from './access/find-named.js';
import { readValue } from '../read-value.js';

interface Variable {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  readonly value: string | null;
  readonly allowed_hosts?: readonly string[];
}

/** Options for setting a variable. */
export interface VariableOptions {
  /** Not a secret. */
  readonly generic?: boolean;
  /** All hosts to which the value may be sent, in addition to those that flows name; absent: the list is not changed. */
  readonly allowHost?: readonly string[];
}

/** Lists variables; values of credentials are never shown. */
export async function listVars(api: Api, output: Output): Promise<number> {
  const variables = await api.json<Variable[]>('GET', '/api/v1/variables/');
  const none = variables.length === 0 ? await describeNone(api, 'variables') : undefined;
  output.result(
    variables,
    () =>
      none ??
      table(
        ['name', 'type', 'value', 'allowed hosts'],
        variables.map(({ name, type, value, allowed_hosts: hosts = [] }) => [
          name,
          type,
          type === 'Credential' ? '(hidden)' : (value ?? ''),
          hosts.join(' '),
        ]),
      ),
  );
  return 0;
}

/**
 * Sets a variable; a value that is not on the command line is asked for. A known variable of which only the hosts are given keeps its
 * value.
 */
export async function setVar(
  api: Api,
  name: string,
  value: string | undefined,
  { generic, allowHost }: VariableOptions,
  output: Output,
): Promise<number> {
  checkName(name);
  if (value === '') throw new Error(`no value for ${name}: to delete it: npx causeway vars delete ${name}`);
  const text = value ?? (allowHost === undefined ? await readValue(name) : undefined);
  const known = (await api.json<Variable[]>('GET', '/api/v1/variables/')).find(
    (variable) => variable.name === name,
  );
  const hosts = allowHost === undefined ? {} : { allowed_hosts: allowHost.filter((host) => host !== '') };
  const given = known !== undefined && text === undefined ? {} : { value: text ?? (await readValue(name)) };
  const type = generic === true ? 'Generic' : 'Credential';
  const made = known
    ? await api.json<Variable>('PATCH', `/api/v1/variables/${known.id}`, { ...given, ...hosts })
    : await api.json<Variable>('POST', '/api/v1/variables/', { name, ...given, type, ...hosts });
  const { id, allowed_hosts: allowed = [] } = made;
  output.result({ id, name: made.name, type: made.type, allowed_hosts: allowed }, () => `${name} is set`);
  return 0;
}

/** A name may have spaces inside, as Langflow's may; what no node can name is refused. */
function checkName(name: string): void {
  if (name !== '' && name === name.trim() && !/\p{Cc}/u.test(name)) return;
  throw new Error(
    `${JSON.stringify(name)} cannot be the name of a variable: write it without spaces at its ends and without line breaks`,
  );
}

export async function deleteVar(api: Api, name: string, output: Output): Promise<number> {
  const known = (await api.json<Variable[]>('GET', '/api/v1/variables/')).find(
    (variable) => variable.name === name,
  );
  if (!known) throw new Error(`there is no variable named ${name}`);
  await api.json('DELETE', `/api/v1/variables/${known.id}`);
  output.result({ deleted: name }, () => `${name} is deleted`);
  return 0;
}
