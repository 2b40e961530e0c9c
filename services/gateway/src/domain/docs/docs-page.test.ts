import { openApiDocument, routes, routesByName } from '@causeway/contracts';
import { describe, expect, test } from 'vitest';
import { html } from '../pages/html.js';
import { docsIndex, operationPart } from './docs-page.js';
import { exampleCall, exampleOf } from './example-call.js';
import { areasOf } from './operations.js';
import { schemaRows, typeText } from './schema-rows.js';

const areas = areasOf(openApiDocument(routesByName, ''));
const operations = areas.flatMap((area) => area.operations);
const named = (name: string) => {
  const found = operations.find(({ operationId }) => operationId === name);
  if (!found) throw new Error(name);
  return found;
};

describe('the reference', () => {
  test('has every declared route once', () => {
    expect(operations).toHaveLength(routes.length);
    const links = docsIndex(areas).text.match(/href="\/docs\/\w+"/g) ?? [];
    expect(new Set(links).size).toBe(routes.length);
  });

  test.each(operations)('says of $operationId what it takes, and how it is called', (operation) => {
    const { text } = operationPart(operation);
    expect(text).toContain(html`${operation.path}`.text);
    expect(text).toMatch(/<pre[^>]*>curl -sS [^<]*\$URL\//);
    expect(text).not.toMatch(/undefined|\[object|NaN/);
    for (const { name } of operation.parameters) expect(text).toContain(html`<code>${name}</code>`.text);
  });
});

describe('an example', () => {
  test('fills in what must be there, and leaves the rest to the reader', () => {
    expect(exampleCall(named('publishVersion'))).toMatch(
      /^curl -sS -X PUT "\$URL\/api\/platform\/v1\/flows\/\$FLOW_ID\/published-version" -H "x-api-key: \$KEY" -H 'content-type: application\/json' -d '\{/,
    );
    expect(exampleCall(named('uploadFile'))).toContain('-F file=@FILE');
    expect(exampleCall(named('health'))).toBe('curl -sS "$URL/health"');
  });

  test('ends where a schema contains itself without end', () => {
    let schema: object = { type: 'object', properties: {} };
    for (let level = 0; level < 50; level++)
      schema = { type: 'object', required: ['a'], properties: { a: schema } };
    expect(JSON.stringify(exampleOf(schema)).length).toBeLessThan(100);
    expect(schemaRows(schema).length).toBeLessThan(20);
  });
});

describe('a schema', () => {
  test('is said in words', () => {
    expect(typeText({ type: 'string', minLength: 1, maxLength: 200 })).toBe('text, 1 to 200 characters');
    expect(typeText({ type: ['string', 'null'], format: 'date-time' })).toBe('time (ISO 8601) or null');
    expect(typeText({ type: 'integer', minimum: 1, maximum: Number.MAX_SAFE_INTEGER })).toBe(
      'whole number, at least 1',
    );
    expect(typeText({ type: 'array', maxItems: 5, items: { type: 'string', enum: ['a', 'b'] } })).toBe(
      'list of "a", "b", at most 5 items',
    );
    expect(typeText({})).toBe('any JSON');
  });

  test('is listed with the members of its members', () => {
    const rows = schemaRows({
      type: 'object',
      required: ['steps'],
      properties: {
        steps: { type: 'array', items: { type: 'object', properties: { code: { type: 'string' } } } },
      },
    });
    expect(rows).toEqual([
      { name: 'steps', type: 'list of object', isRequired: true },
      { name: 'steps[].code', type: 'text', isRequired: false },
    ]);
  });
});
