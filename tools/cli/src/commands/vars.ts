import { readFileSync } from 'node:fs';
import type { Api } from '../api.js';
import { table } from '../output.js';
import type { Output } from '../output.js';

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
  output.result(variables, () =>
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
 * Sets a variable; without a value on the command line it is read from stdin, so that it is not stored in the shell's history. An
 * existing one keeps its value when only hosts are given.
 */
export async function setVar(
  api: Api,
  name: string,
  value: string | undefined,
  { generic, allowHost }: VariableOptions,
  output: Output,
): Promise<number> {
  const text = value ?? (allowHost === undefined ? readValue(name) : undefined);
  const known = (await api.json<Variable[]>('GET', '/api/v1/variables/')).find(
    (variable) => variable.name === name,
  );
  const hosts = allowHost === undefined ? {} : { allowed_hosts: allowHost.filter((host) => host !== '') };
  const given = known !== undefined && text === undefined ? {} : { value: text ?? readValue(name) };
  const type = generic === true ? 'Generic' : 'Credential';
  const made = known
    ? await api.json<Variable>('PATCH', `/api/v1/variables/${known.id}`, { ...given, ...hosts })
    : await api.json<Variable>('POST', '/api/v1/variables/', { name, ...given, type, ...hosts });
  const { id, allowed_hosts: allowed = [] } = made;
  output.result({ id, name: made.name, type: made.type, allowed_hosts: allowed }, () => `${name} is set`);
  return 0;
}

function readValue(name: string): string {
  const text = readFileSync(0, 'utf8').replace(/\r?\n$/, '');
  if (text === '')
    throw new Error(`no value for ${name}: stdin is empty; write the value there, or after the name`);
  return text;
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
