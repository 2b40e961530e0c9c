import type { Json, Plan, PlanField } from '@causeway/dag';
import { describe, expect, test } from 'vitest';
import { literalOrigins } from './literal-origins.js';
import { literalSecrets } from './literal-secrets.js';

function planOf(fields: Record<string, Partial<PlanField>>): Plan {
  const filled = Object.entries(fields).map(([name, field]) => [
    name,
    { value: '', type: 'str', displayName: name, ...field },
  ]);
  const node = { id: 'n', displayName: 'Node', type: 'T', fields: Object.fromEntries(filled) };
  return { nodes: { n: node } } as unknown as Plan;
}

const origins = (name: string, value: Json, rest: Partial<PlanField> = {}) => [
  ...literalOrigins(planOf({ [name]: { value, ...rest } })),
];

describe('the origins that a flow names', () => {
  test.each<[string, string, Json, string[]]>([
    ['an address', 'url_input', 'https://a.test:8443/x?y', ['https://a.test:8443']],
    ['any text', 'template', 'Ask https://a.test. Or (http://b.test/x)', ['https://a.test', 'http://b.test']],
    ['rows', 'rows', [{ deep: { url: 'HTTPS://A.test/' } }], ['https://a.test']],
    ['an address without a scheme', 'url_input', 'a.test/v1', ['https://a.test']],
    ['several of them', 'urls', 'a.test, b.test:81/x', ['https://a.test', 'https://b.test:81']],
    ['a curl command', 'curl_input', "curl a.test/x -H 'A: b'", ['https://a.test']],
    ['a user before the host', 'url', 'https://good.test@a.test/', ['https://a.test']],
  ])('are found in %s', (_where, name, value, expected) => {
    expect(origins(name, value).toSorted()).toEqual(expected.toSorted());
  });

  test.each<[string, string, Json, Partial<PlanField>]>([
    ['a host that ends with a placeholder', 'url', 'https://a.test{path}', {}],
    ['a placeholder', 'url', 'https://{host}/x', {}],
    ['a word with a dot outside of addresses', 'path', 'notes.md', {}],
    ['a secret', 'api_key', 'https://a.test', { password: true }],
    ['the name of a variable', 'url', 'A_URL', { loadFromDb: true }],
    ['code', 'code', 'https://a.test', { type: 'code' }],
  ])('are not %s', (_what, name, value, rest) => {
    expect(origins(name, value, rest)).toEqual([]);
  });
});

describe('the secrets that a flow contains', () => {
  const values = (fields: Record<string, Partial<PlanField>>) =>
    literalSecrets(planOf(fields)).map(({ value }) => value);
  const cells = { type: 'table', takesCredentials: true } as const;

  test('are the values of secret fields, except names of variables', () => {
    expect(
      values({
        key: { value: ' sk-1 ', password: true },
        typed: { value: 'sk-2', password: true, loadFromDb: true },
        named: { value: 'OPENAI_API_KEY', password: true, loadFromDb: true },
        empty: { password: true },
        plain: { value: 'text' },
      }),
    ).toEqual(['sk-1', 'sk-2']);
  });

  test('are headers and members with the name of a secret, except cells that name variables', () => {
    const headers: Json = [
      { key: 'Authorization', value: 'Bearer abc' },
      { key: 'X-Api', value: 'TOKEN', __load_from_db_fields: ['value'] },
      { key: 'X-Key', value: 'NAME', __load_from_db_fields: ['value'] },
      { key: 'Accept', value: 'text/plain' },
    ];
    const body: Json = [
      { key: 'access_token', value: 'tok' },
      { key: 'keyword', value: 'word' },
      { apiKey: 'k' },
    ];
    expect(values({ headers: { ...cells, value: headers } })).toEqual(['abc']);
    expect(values({ body: { ...cells, value: body } }).toSorted()).toEqual(['k', 'tok']);
    expect(values({ model: { value: [{ name: 'm', api_key_param: 'api_key' }] } })).toEqual([]);
  });

  test('are found in queries and commands', () => {
    expect(values({ url: { value: 'https://a.test/?api_key=abc&q=1#x' } })).toEqual(['abc']);
    expect(values({ query_params: { value: 'token=abc&q=1' } })).toEqual(['abc']);
    const curl = `curl https://a.test -H 'X-Api-Key: abc' -d '{"password":"def","a":1}'`;
    expect(values({ curl_input: { value: curl } })).toEqual(['abc', 'def']);
  });

  test('are named in errors by their place', () => {
    const [secret] = literalSecrets(planOf({ key: { value: 'sk-1', password: true, displayName: 'Key' } }));
    expect(secret?.label).toBe('the value of field "Key" on "Node" (n)');
  });
});
