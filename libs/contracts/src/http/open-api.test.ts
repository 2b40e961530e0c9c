import { expect, test } from 'vitest';
import { openApiDocument } from './open-api.js';
import { routes, routesByName } from './routes.js';

interface Operation {
  readonly operationId: string;
  readonly parameters: readonly { readonly name: string; readonly in: string }[];
  readonly responses: Readonly<Record<string, unknown>>;
}

const { paths } = openApiDocument(routesByName, '1.2.3') as unknown as {
  paths: Record<string, Record<string, Operation>>;
};
const operations = Object.values(paths).flatMap((one) => Object.values(one));

test('the document has every route under a name of its own', () => {
  expect(operations).toHaveLength(routes.length);
  expect(new Set(operations.map(({ operationId }) => operationId)).size).toBe(routes.length);
});

test('a run has its two answers, and the headers that it reads', () => {
  const run = paths['/api/v1/run/{flow}']?.['post'];
  expect(Object.keys(run?.responses ?? {})).toEqual(['200', '202', 'default']);
  const headers = run?.parameters.filter((one) => one.in === 'header').map(({ name }) => name);
  expect(headers).toEqual(['Prefer', 'Idempotency-Key', 'X-Langflow-Global-Var-{NAME}']);
});

test('every operation says what an error looks like', () => {
  for (const { responses } of operations)
    expect(responses['default']).toEqual({ $ref: '#/components/responses/Error' });
});
