import { describe, expect, test } from 'vitest';
import type { PlanField, PlanNode } from '../plan.js';
import { checkAddresses } from './check-addresses.js';

const secret = { takesCredentials: true, value: '' } as const;
const variable = { loadFromDb: true, value: 'MODEL_URL' } as const;

function problemsOf(fields: Record<string, Partial<PlanField>>, wired: readonly string[] = []) {
  const filled = Object.entries(fields).map(([name, field]) => [
    name,
    { displayName: name, type: 'str', ...field },
  ]);
  const node = { id: 'n', displayName: 'Node', type: 'T', fields: Object.fromEntries(filled) };
  return checkAddresses(node as unknown as PlanNode, new Set(wired));
}

describe('an address that comes from a variable', () => {
  test('gives a warning that names node, field and the command', () => {
    expect(problemsOf({ base_url: variable, api_key: { ...secret, password: true } })).toMatchObject([
      {
        code: 'ADDRESS_OF_VARIABLE',
        severity: 'warning',
        message: expect.stringContaining('field "base_url" from the variable "MODEL_URL"') as string,
        remedy: expect.stringContaining('npx causeway flows allow-hosts FLOW HOST') as string,
        nodes: ['n'],
        field: 'base_url',
      },
    ]);
    expect(
      problemsOf({ url_input: variable, headers: { ...secret, value: [{ key: 'X-Token', value: 'abc' }] } }),
    ).toHaveLength(1);
    expect(
      problemsOf({
        url_input: variable,
        body: { ...secret, value: [{ key: 'a', __load_from_db_fields: ['value'] }] },
      }),
    ).toHaveLength(1);
  });

  test('gives none where no secret is sent, the field is wired, or the address is written out', () => {
    const key = { ...secret, password: true };
    expect(problemsOf({ base_url: variable })).toEqual([]);
    expect(
      problemsOf({ url_input: variable, headers: { ...secret, value: [{ key: 'Accept', value: 'x' }] } }),
    ).toEqual([]);
    expect(problemsOf({ base_url: variable, api_key: key }, ['base_url'])).toEqual([]);
    expect(problemsOf({ base_url: { value: 'https://a.test' }, api_key: key })).toEqual([]);
    expect(problemsOf({ template: variable, api_key: key })).toEqual([]);
  });

  test('does not show what could be a key in the place of its name', () => {
    const odd = { ...variable, value: 'sk-proj-NOTAREALKEY0000000000' };
    const [problem] = problemsOf({ base_url: odd, api_key: { ...secret, password: true } });
    expect(problem?.message).toContain('from a variable.');
  });
});
