import { describe, expect, it, test } from 'vitest';
import { z } from 'zod';
import { absentNulls } from './nulls.js';
import { routes } from './routes.js';
import { RunRequest } from './shapes.js';

interface Shape {
  readonly properties?: Readonly<Record<string, { readonly const?: unknown }>>;
  readonly required?: readonly string[];
  readonly oneOf?: readonly Shape[];
}

/** The members of a route's body that may be left out, each with those that say of which kind the body is. */
function optionalMembers(body: z.ZodType): { name: string; kind: object }[] {
  const schema = z.toJSONSchema(body, { io: 'input', unrepresentable: 'any' }) as Shape;
  return (schema.oneOf ?? [schema]).flatMap(({ properties = {}, required = [] }) => {
    const entries = Object.entries(properties);
    const kind = Object.fromEntries(
      entries
        .filter(([, { const: only }]) => only !== undefined)
        .map(([name, { const: only }]) => [name, only]),
    );
    return entries.filter(([name]) => !required.includes(name)).map(([name]) => ({ name, kind }));
  });
}

const members = routes.flatMap(({ method, path, body }) =>
  body ? optionalMembers(body).map((member) => ({ route: `${method} ${path}`, ...member, body })) : [],
);

it('checks every route', () => {
  const names = members.map(({ route, name }) => `${route} ${name}`);
  for (const name of [
    'POST /api/v1/run/{flow} input_type',
    'PATCH /api/v1/flows/{flowId} description',
    'PUT /api/platform/v1/connections/{connection} metadata',
  ])
    expect(names).toContain(name);
});

test.each(members)('$route treats null for $name as if it were absent', ({ name, kind, body }) => {
  const problems = (value: object) =>
    (body.safeParse(value).error?.issues ?? []).filter((issue) => issue.path[0] === name);
  expect(problems({ ...kind, [name]: null })).toEqual([]);
});

describe('a run', () => {
  const nothing = {
    input_value: null,
    input_type: null,
    output_type: null,
    output_component: null,
    tweaks: null,
    session_id: null,
  };

  it.each([
    ['bare', nothing],
    ['wrapped', { input_request: nothing, context: null }],
    ['beside an empty wrapper', { ...nothing, input_request: null }],
    ['as null', null],
  ])('%s has the defaults for nulls', (_name, body) => {
    expect(RunRequest.parse(body)).toMatchObject({ input_type: 'chat', output_type: 'chat' });
  });

  it('that gives a value of the wrong type is still refused', () => {
    expect(RunRequest.safeParse({ ...nothing, input_type: 'words' }).success).toBe(false);
  });
});

it('keeps a null that has a meaning, and names a required member', () => {
  const schema = absentNulls(
    z.object({ kept: z.string().nullish(), some: z.string().default('x'), needed: z.string() }),
  );
  expect(schema.parse({ kept: null, some: null, needed: 'y' })).toEqual({
    kept: null,
    some: 'x',
    needed: 'y',
  });
  expect(schema.safeParse({ needed: null }).error?.issues[0]?.path).toEqual(['needed']);
});
