import { describe, expect, it, test } from 'vitest';
import { z } from 'zod';
import { absentNulls } from './nulls.js';
import { routes } from './routes.js';
import { RunRequest } from './shapes.js';

/** The members of a route's body that may be left out. */
function optionalMembers(body: z.ZodType): string[] {
  const schema = z.toJSONSchema(body, { io: 'input', unrepresentable: 'any' }) as {
    properties?: object;
    required?: string[];
  };
  return Object.keys(schema.properties ?? {}).filter((name) => !schema.required?.includes(name));
}

const members = routes.flatMap(({ method, path, body }) =>
  body ? optionalMembers(body).map((name) => [`${method} ${path}`, name, body] as const) : [],
);

it('checks every route', () => {
  const names = members.map(([route, name]) => `${route} ${name}`);
  for (const name of ['POST /api/v1/run/{flow} input_type', 'PATCH /api/v1/flows/{flowId} description'])
    expect(names).toContain(name);
});

test.each(members)('%s treats null for %s as if it were absent', (_route, name, body) => {
  const problems = (value: object) =>
    (body.safeParse(value).error?.issues ?? []).filter((issue) => issue.path[0] === name);
  expect(problems({ [name]: null })).toEqual([]);
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
