import { openApiDocument, routesByName } from '@causeway/contracts';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Answer } from '../support/api.js';
import { chatFlow, webhookFlow } from '../support/flows.js';
import { TokenApi } from '../support/oauth-client.js';
import type { Stack } from '../support/stack.js';

/** NUL, which no text of Postgres can hold, and halves of surrogate pairs, which UTF-8 cannot encode. */
const odd = ['a\0b', 'a\ud800b', '\udfff'];
/** The same in an address: half of a pair is encoded as UTF-8 would if it could. */
const oddInAddress = ['a%00b', 'a%ED%A0%80b', '%ED%BF%BF'];
const SOME_ID = '00000000-0000-4000-8000-000000000000';

interface Schema {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly enum?: readonly unknown[];
  readonly format?: string;
}

interface Operation {
  readonly operationId: string;
  readonly parameters: readonly { readonly name: string; readonly in: string }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema?: Schema }>> };
}

interface Route extends Operation {
  readonly method: string;
  readonly path: string;
}

const { paths } = openApiDocument(routesByName, '') as unknown as {
  paths: Record<string, Record<string, Operation>>;
};
const routes = Object.entries(paths)
  .flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]): Route => ({
      ...operation,
      path,
      method: method.toUpperCase(),
    })),
  )
  .filter(({ parameters, requestBody }) => parameters.length > 0 || requestBody);

/** A form as a page sends it, already encoded. */
class EncodedForm {
  constructor(readonly text: string) {}
}

interface OddRequest {
  readonly what: string;
  readonly path: string;
  readonly body?: unknown;
}

/** Characters that a JSON text or an address may contain, and that a database or a file name may not. */
export function oddCharacterStories({ api }: Stack): void {
  describe('NUL and halves of characters', () => {
    let scim: TokenApi;
    beforeAll(async () => {
      const path = '/api/platform/v1/connections/odd-characters';
      await api.ask('PUT', path, { body: { issuer: 'https://odd.example', clientId: 'odd' } });
      const { token } = await api.ask<{ token: string }>('POST', `${path}/scim/tokens`);
      scim = new TokenApi(api.url, token);
    });

    test.each(routes)('in any part of $operationId are stored, or refused with a reason', async (route) => {
      const flow = await api.importFlow(route.path.includes('webhook') ? webhookFlow() : chatFlow());
      for (const { what, path, body } of requestsOf(route, flow.id)) {
        const sent =
          body instanceof EncodedForm
            ? { body: body.text, headers: { 'content-type': 'application/x-www-form-urlencoded' } }
            : body === undefined
              ? {}
              : { body };
        const by = path.startsWith('/scim/') ? scim : api;
        const answer = await by.send(route.method, path, sent);
        expect(`${what}: ${answer.status} ${answer.text.slice(0, 300)}`).toMatch(/: [234]\d\d /);
        if (answer.status >= 400) expect(reasonOf(answer), what).toMatch(/^[\w ’'-]+/);
      }
    });
  });
}

/** The code of an error, of OAuth’s errors too, or the heading of a page. */
function reasonOf(answer: Answer): string | undefined {
  if (answer.text.startsWith('<!doctype html>')) return /<h1>([^<]*)/.exec(answer.text)?.[1];
  const { code, error } = answer.json<{ code?: string; error?: string }>();
  return code ?? error;
}

function requestsOf(route: Route, flowId: string): OddRequest[] {
  const namesIn = (place: string): string[] =>
    route.parameters.filter((one) => one.in === place).map(({ name }) => name);
  const pathWith = (name?: string, value?: string): string =>
    route.path.replace(/\{(\w+)\}/g, (_all, param: string) =>
      param === name ? (value ?? '') : /^flow(Id)?$/.test(param) ? flowId : SOME_ID,
    );
  const name = `${route.method} ${route.path}`;
  const body = bodyOf(route);
  return [
    ...namesIn('path').flatMap((param) =>
      oddInAddress.map((value) => ({
        what: `${name}, path.${param} ${value}`,
        path: pathWith(param, value),
        body,
      })),
    ),
    ...namesIn('query').flatMap((param) =>
      oddInAddress.map((value) => ({
        what: `${name}, query.${param} ${value}`,
        path: `${pathWith()}?${param}=${value}`,
        body,
      })),
    ),
    ...odd.flatMap((value) =>
      oddBodies(route, value).map(([member, one]) => ({
        what: `${name}, body.${member} ${JSON.stringify(value)}`,
        path: pathWith(),
        body: one,
      })),
    ),
  ];
}

/** Bodies with an odd text in the place of one member each. */
function oddBodies(route: Route, value: string): [member: string, body: unknown][] {
  const {
    '*/*': raw,
    'multipart/form-data': file,
    'application/x-www-form-urlencoded': form,
    'application/json': json,
  } = contentOf(route);
  if (form?.schema) return oddForms(form.schema, oddInAddress[odd.indexOf(value)] ?? '');
  if (raw) return [['', value]];
  if (file)
    return [
      ['the name of the file', fileNamed(value, '{}')],
      ['the file', fileNamed('a.json', JSON.stringify(value))],
    ];
  const schema = json?.schema;
  if (!schema) return [];
  if (schema.type === 'array') return [['0', [oddOf(schema.items ?? {}, value)]]];
  const usual = fieldsOf(schema);
  return [
    ...Object.entries(schema.properties ?? {}).map(([member, own]): [string, unknown] => [
      member,
      { ...usual, [member]: oddOf(own, value) },
    ]),
    ['name of a member', { ...usual, [value]: value }],
  ];
}

/** Forms with an encoded odd text in the place of one field each, and as the name of a field. */
function oddForms(schema: Schema, encoded: string): [member: string, body: EncodedForm][] {
  const usual = fieldsOf(schema);
  const formOf = (fields: object): EncodedForm =>
    new EncodedForm(
      Object.entries(fields)
        .map((field) => field.join('='))
        .join('&'),
    );
  return [
    ...Object.keys(schema.properties ?? {}).map((name): [string, EncodedForm] => [
      name,
      formOf({ ...usual, [name]: encoded }),
    ]),
    ['name of a field', formOf({ ...usual, [encoded]: 'x' })],
  ];
}

function fieldsOf(schema: Schema): Record<string, unknown> {
  return exampleOf(schema) as Record<string, unknown>;
}

function bodyOf(route: Route): unknown {
  const {
    '*/*': raw,
    'multipart/form-data': file,
    'application/x-www-form-urlencoded': form,
    'application/json': json,
  } = contentOf(route);
  if (form?.schema)
    return new EncodedForm(new URLSearchParams(fieldsOf(form.schema) as Record<string, string>).toString());
  if (raw) return 'x';
  if (file) return fileNamed('a.json', '{}');
  return json?.schema && exampleOf(json.schema);
}

function contentOf({ requestBody }: Route): Readonly<Record<string, { readonly schema?: Schema }>> {
  return requestBody?.content ?? {};
}

function fileNamed(name: string, content: string): FormData {
  const form = new FormData();
  form.set('file', new Blob([content]), name);
  return form;
}

/** A value of the member's kind with the odd text in it. */
function oddOf(schema: Schema, value: string): unknown {
  const one = schema.anyOf?.find(({ type }) => type !== 'null') ?? schema;
  if (one.type === 'array') return [oddOf(one.items ?? {}, value)];
  return one.type === 'object' ? { [value]: value, a: { b: [value] } } : value;
}

/** A value that fits a schema closely enough for the other members to be read. */
function exampleOf(schema: Schema): unknown {
  const [first] = schema.anyOf ?? [];
  if (first) return exampleOf(first);
  if (schema.enum) return schema.enum[0];
  switch (schema.type) {
    case 'object':
      return Object.fromEntries(
        (schema.required ?? []).map((member) => [member, exampleOf(schema.properties?.[member] ?? {})]),
      );
    case 'array':
      return [];
    case 'number':
    case 'integer':
      return 1;
    case 'boolean':
      return false;
    default:
      return schema.format === 'uuid' ? SOME_ID : 'x';
  }
}
