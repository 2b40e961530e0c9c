import { readFileSync } from 'node:fs';
import type { Api } from '../api.js';
import { table } from '../output.js';
import type { Output } from '../output.js';

interface Variable {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  readonly value: string | null;
}

/** Lists variables; values of credentials are never shown. */
export async function listVars(api: Api, output: Output): Promise<number> {
  const variables = await api.json<Variable[]>('GET', '/api/v1/variables/');
  output.result(variables, () =>
    table(
      ['name', 'type', 'value'],
      variables.map(({ name, type, value }) => [
        name,
        type,
        type === 'Credential' ? '(hidden)' : (value ?? ''),
      ]),
    ),
  );
  return 0;
}

/** Sets a variable; without a value on the command line it is read from stdin, so that it stays out of the shell's history. */
export async function setVar(
  api: Api,
  name: string,
  value: string | undefined,
  type: 'Generic' | 'Credential',
  output: Output,
): Promise<number> {
  const text = value ?? readFileSync(0, 'utf8').replace(/\r?\n$/, '');
  if (value === undefined && text === '')
    throw new Error(`no value for ${name}: nothing came on stdin; write it there, or after the name`);
  const known = (await api.json<Variable[]>('GET', '/api/v1/variables/')).find(
    (variable) => variable.name === name,
  );
  const made = known
    ? await api.json<Variable>('PATCH', `/api/v1/variables/${known.id}`, { value: text })
    : await api.json<Variable>('POST', '/api/v1/variables/', { name, value: text, type });
  output.result({ id: made.id, name: made.name, type: made.type }, () => `${name} is set`);
  return 0;
}

export async function deleteVar(api: Api, name: string, output: Output): Promise<number> {
  const known = (await api.json<Variable[]>('GET', '/api/v1/variables/')).find(
    (variable) => variable.name === name,
  );
  if (!known) throw new Error(`there is no variable ${name}`);
  await api.json('DELETE', `/api/v1/variables/${known.id}`);
  output.result({ deleted: name }, () => `${name} is deleted`);
  return 0;
}
