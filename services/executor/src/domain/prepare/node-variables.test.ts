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

/** A request that changed nothing. */
const nothing = new Map<string, Map<string, Json>>();

describe('a field that names a variable', () => {
  test('gets its value', () => {
    const plan = planOf({ who: { loadFromDb: true, value: 'NAME' }, other: { value: 'NAME' } });
    expect(wantedVariables(plan, scope)).toEqual(['NAME']);
    expect(resolveFields(plan, plan, scope, nothing, find)).toEqual({
      fields: new Map([['n', { who: 'Ada' }]]),
      fromRequest: new Map([['n', new Map()]]),
      problems: [],
    });
  });

  test('is not looked up when its value comes over an edge, or when the field is hidden', () => {
    const edges = [{ source: 'm', output: 'o', target: 'n', field: 'who' }];
    expect(wantedVariables(planOf({ who: { loadFromDb: true, value: 'NAME' } }, edges), scope)).toEqual([]);
    expect(wantedVariables(planOf({ who: { loadFromDb: true, value: 'NAME', show: false } }), scope)).toEqual(
      [],
    );
  });

  test('gets a credential only when the catalogue declares it secret, whatever the file says', () => {
    const plan = planOf({
      key: { loadFromDb: true, value: 'KEY', takesCredentials: true },
      shownAsSecret: { loadFromDb: true, value: 'KEY', password: true },
      who: { loadFromDb: true, value: 'KEY' },
    });
    const { fields, problems } = resolveFields(plan, plan, scope, nothing, find);
    expect(fields.get('n')).toEqual({ key: 'canary', shownAsSecret: undefined, who: undefined });
    expect(problems).toMatchObject([
      { code: 'VARIABLE_MISSING', field: 'shownAsSecret' },
      { code: 'VARIABLE_MISSING', field: 'who', nodes: ['n'] },
    ]);
    expect(problems[0]?.message).toContain(
      'which is a credential; only fields that are secret in the catalogue',
    );
  });

  test('is reported when there is no such variable, unless the field is secret: its component may have other sources', () => {
    const plan = planOf({
      a: { loadFromDb: true, value: 'X' },
      b: { loadFromDb: true, value: 'Y', takesCredentials: true },
    });
    const { fields, problems } = resolveFields(plan, plan, scope, nothing, find);
    expect(problems.map((problem) => problem.remedy)).toEqual(['Set it with: npx causeway vars set X']);
    expect(fields.get('n')).toEqual({ a: undefined, b: undefined });
  });
});

test('cells of a table that name variables get their values', () => {
  const rows: Json[] = [
    { key: 'Authorization', value: 'KEY', __load_from_db_fields: ['value'] },
    { key: 'Accept', value: 'KEY' },
  ];
  const plan = planOf({ headers: { type: 'table', value: rows, takesCredentials: true } });
  expect(wantedVariables(plan, scope)).toEqual(['KEY']);
  expect(resolveFields(plan, plan, scope, nothing, find).fields.get('n')).toEqual({
    headers: [{ ...(rows[0] as object), value: 'canary' }, rows[1]],
  });
});

test('a credential is not used as the name of a header', () => {
  const rows: Json[] = [{ key: 'KEY', value: 'x', __load_from_db_fields: ['key'] }];
  const plan = planOf({ headers: { type: 'table', value: rows, takesCredentials: true } });
  const { fields, problems } = resolveFields(plan, plan, scope, nothing, find);
  expect(problems).toMatchObject([{ code: 'VARIABLE_MISSING', field: 'headers' }]);
  expect(JSON.stringify([...fields])).not.toContain('canary');
});

describe('a field that a request wrote', () => {
  const written = (...names: string[]) => new Map([['n', new Map(names.map((name) => [name, 'own']))]]);

  test('is known, and so is a field that takes a variable of the request', () => {
    const plan = planOf({
      literal: { value: 'x' },
      brought: { loadFromDb: true, value: 'BROUGHT' },
      own: { value: 'y' },
      ownStored: { loadFromDb: true, value: 'NAME' },
    });
    const { fromRequest } = resolveFields(plan, plan, scope, written('literal'), (name) =>
      name === 'BROUGHT' ? { value: 'z', isCredential: false, isOfRequest: true } : find(name),
    );
    expect(fromRequest.get('n')).toEqual(
      new Map([
        ['literal', 'own'],
        ['brought', 'BROUGHT'],
      ]),
    );
  });

  test('cannot choose a stored credential, and does not show which ones exist', () => {
    const own = planOf({ key: { value: 'literal', takesCredentials: true } });
    const naming = (value: string) => planOf({ key: { loadFromDb: true, value, takesCredentials: true } });
    const problemOf = (value: string) =>
      resolveFields(own, naming(value), scope, written('key'), find).problems[0]?.message;
    const { fields, fromRequest } = resolveFields(own, naming('KEY'), scope, written('key'), find);
    expect(JSON.stringify([...fields])).not.toContain('canary');
    expect(fromRequest.get('n')).toEqual(new Map());
    expect(problemOf('KEY')).toContain('a request cannot choose stored credentials');
    expect(problemOf('NONE')).toBe(problemOf('KEY')?.replaceAll('KEY', 'NONE'));
    expect(problemOf('NAME')).toBeUndefined();
  });

  test('may name the credential that the flow itself has there', () => {
    const plan = planOf({ key: { loadFromDb: true, value: 'KEY', takesCredentials: true } });
    const { fields, problems } = resolveFields(plan, plan, scope, written('key'), find);
    expect([fields.get('n'), problems]).toEqual([{ key: 'canary' }, []]);
  });

  test('puts no credential into a table, whose cells are sent where the request chooses', () => {
    const rows: Json[] = [{ key: 'X', value: 'KEY', __load_from_db_fields: ['value'] }];
    const plan = planOf({ headers: { type: 'table', value: rows, takesCredentials: true } });
    const { fields, problems } = resolveFields(plan, plan, scope, written('headers'), find);
    expect(problems).toMatchObject([{ code: 'VARIABLE_MISSING', field: 'headers' }]);
    expect(JSON.stringify([...fields])).not.toContain('canary');
  });
});
