import type { Json, Plan, PlanField, RunScope } from '@causeway/dag';
import { describe, expect, test } from 'vitest';
import { resolveFields, wantedVariables } from './node-variables.js';

const scope: RunScope = { start: undefined, nodes: ['n'], outputs: [] };

function planOf(fields: Record<string, Partial<PlanField>>, edges: Plan['edges'] = []): Plan {
  const filled = Object.fromEntries(
    Object.entries(fields).map(([name, field]) => [
      name,
      { value: '', type: 'str', displayName: name, ...field },
    ]),
  );
  return {
    nodes: { n: { id: 'n', displayName: 'Node', type: 'T', fields: filled } },
    edges,
  } as unknown as Plan;
}

const find = (name: string) =>
  ({ NAME: { value: 'Ada', isCredential: false }, KEY: { value: 'canary', isCredential: true } })[name];

describe('a field that names a variable', () => {
  test('gets its value', () => {
    const plan = planOf({ who: { loadFromDb: true, value: 'NAME' }, other: { value: 'NAME' } });
    expect(wantedVariables(plan, scope)).toEqual(['NAME']);
    expect(resolveFields(plan, scope, find)).toEqual({
      fields: new Map([['n', { who: 'Ada' }]]),
      problems: [],
    });
  });

  test('is not asked about when something comes over an edge, or when it is hidden', () => {
    const edges = [{ source: 'm', output: 'o', target: 'n', field: 'who' }];
    expect(wantedVariables(planOf({ who: { loadFromDb: true, value: 'NAME' } }, edges), scope)).toEqual([]);
    expect(wantedVariables(planOf({ who: { loadFromDb: true, value: 'NAME', show: false } }), scope)).toEqual(
      [],
    );
  });

  test('gets a credential only when it is secret itself', () => {
    const plan = planOf({
      key: { loadFromDb: true, value: 'KEY', password: true },
      who: { loadFromDb: true, value: 'KEY' },
    });
    const { fields, problems } = resolveFields(plan, scope, find);
    expect(fields.get('n')).toEqual({ key: 'canary', who: undefined });
    expect(problems).toMatchObject([{ code: 'VARIABLE_MISSING', field: 'who', nodes: ['n'] }]);
  });

  test('says so when there is none, unless it is secret: its component may have other sources', () => {
    const plan = planOf({
      a: { loadFromDb: true, value: 'X' },
      b: { loadFromDb: true, value: 'Y', password: true },
    });
    const { fields, problems } = resolveFields(plan, scope, find);
    expect(problems.map((problem) => problem.remedy)).toEqual(['Set it with: npx causeway vars set X']);
    expect(fields.get('n')).toEqual({ a: undefined, b: undefined });
  });
});

test('cells of a table that name variables get their values', () => {
  const rows: Json[] = [
    { key: 'Authorization', value: 'KEY', __load_from_db_fields: ['value'] },
    { key: 'Accept', value: 'KEY' },
  ];
  const plan = planOf({ headers: { type: 'table', value: rows } });
  expect(wantedVariables(plan, scope)).toEqual(['KEY']);
  expect(resolveFields(plan, scope, find).fields.get('n')).toEqual({
    headers: [{ ...(rows[0] as object), value: 'canary' }, rows[1]],
  });
});
