import { type Json, compileFlow, maskSecrets } from '@causeway/dag';
import { describe, expect, test } from 'vitest';
import { literalSecrets } from '../src/runtime/secrets/literal-secrets.js';
import { catalogue } from '../src/specs/catalogue.js';
import { drawnFlow } from './drawn-flow.js';

/** What a flow shows of a field's value, and what its runs hold back. */
function ruleOn(field: string, value: Json): { readonly shown: string; readonly held: readonly string[] } {
  const flow = drawnFlow({ 'Node-1': ['APIRequest', { [field]: value }] }, []);
  const held = literalSecrets(compileFlow(flow, catalogue)).map((secret) => secret.value);
  return { shown: JSON.stringify(maskSecrets(flow.data, catalogue, () => false)), held };
}

const row = (key: string, value: Json) => [{ key, value }];
const json = JSON.stringify;

describe('what a flow masks is what its runs hold back:', () => {
  test.each<[string, string, Json, string]>([
    ['a header of a table', 'headers', row('X-Session', 'odd-secret'), 'odd-secret'],
    ['a header with a scheme', 'headers', row('Authorization', 'Bearer odd-secret'), 'odd-secret'],
    ['a header of an object', 'headers', { 'Set-Cookie2': 'odd-secret' }, 'odd-secret'],
    ['a header of a text', 'headers', json({ 'Session-Id': 'odd-secret' }), 'odd-secret'],
    ['headers in another value', 'query_params', { headers: { 'Auth-Id': 'odd-secret' } }, 'odd-secret'],
    ['a cell of a body', 'body', row('accessToken', 'odd-secret'), 'odd-secret'],
    ['a number in a cell', 'body', row('pin_secret', 987_654), '987654'],
    ['a member', 'body', { client_secret: 'odd-secret' }, 'odd-secret'],
    ['a number', 'body', { api_key: 987_654 }, '987654'],
    ['a list', 'body', { token: ['odd-secret'] }, 'odd-secret'],
    ['JSON in a text', 'body', ' {"a": [{"password" : "odd-secret"}]}', 'odd-secret'],
    ['a number in such JSON', 'body', '{"api_key":987654}', '987654'],
    ['rows in such JSON', 'body', json(row('X-Api-Key', 'odd-secret')), 'odd-secret'],
    ['JSON with escapes', 'body', json({ password: 'odd "secret"' }), 'odd "secret"'],
    ['JSON in JSON', 'body', json({ data: json({ token: 'odd-secret' }) }), 'odd-secret'],
    ['JSON in a cell', 'body', row('data', json({ token: 'odd-secret' })), 'odd-secret'],
    ['JSON that is not whole', 'body', '{"token": "odd-secret", "q": {query}', 'odd-secret'],
    ['a query', 'query_params', 'q=1&access_token=odd-secret', 'odd-secret'],
    ['a query with escapes', 'query_params', 'access_token=odd%20secret', 'odd secret'],
    ['a query of an address', 'url_input', 'https://a.test/?q=1&client_secret=odd-secret#x', 'odd-secret'],
    ['a short value there', 'url_input', 'https://a.test/?pwd=a1', 'a1'],
    ['a random key there', 'url_input', 'https://a.test/?key=1a2b3c4d5e6f7a8b', '1a2b3c4d5e6f7a8b'],
    ['a query as an object', 'query_params', { token: 'odd-secret' }, 'odd-secret'],
    ['a form', 'body', 'a=1&client_secret=odd-secret', 'odd-secret'],
    ['lines of settings', 'body', 'HOME=/root\nAPI_TOKEN=odd-secret\n', 'odd-secret'],
    ['a header of curl', 'curl_input', "curl https://a.test -H 'X-Auth: odd-secret'", 'odd-secret'],
    ['such a header without quotes', 'curl_input', 'curl -HX-Auth:odd-secret https://a.test', 'odd-secret'],
    ['such a header with escapes', 'curl_input', 'curl --header X-Auth:\\ odd\\ secret a.test', 'odd secret'],
    ['a header of any text with curl', 'url_input', 'curl -H "X-Auth: odd-secret" a.test', 'odd-secret'],
    ['a form of curl', 'curl_input', "curl https://a.test -d 'client_secret=odd-secret'", 'odd-secret'],
    ['JSON of curl', 'curl_input', `curl a.test --json '{"password":"odd-secret"}'`, 'odd-secret'],
    [
      'JSON of curl with escapes',
      'curl_input',
      'curl a.test -d "{\\"password\\":\\"odd-secret\\"}"',
      'odd-secret',
    ],
    ['a user of curl', 'curl_input', 'curl -u me:odd-secret https://a.test', 'odd-secret'],
    ['a user of curl after other options', 'curl_input', 'curl -sSu me:odd-secret a.test', 'odd-secret'],
    ['a token of curl', 'curl_input', 'curl --oauth2-bearer odd-secret a.test', 'odd-secret'],
    ['curl after another command', 'curl_input', 'export A=1; curl -u me:odd-secret a.test', 'odd-secret'],
    ['such a name in an address', 'url_input', 'see https://a.test/?encryption_key=odd-secret', 'odd-secret'],
    ['another name of a key', 'body', { encryption_key: 'odd-secret' }, 'odd-secret'],
    ['cookies of curl', 'curl_input', "curl --cookie 'a=1; b=odd-secret' a.test", 'a=1; b=odd-secret'],
    ['an address of curl', 'curl_input', 'curl "https://a.test/?api_key=odd-secret&q=1"', 'odd-secret'],
    [
      'the shape of a key',
      'urls',
      ['say sk-proj-NOTAREALKEY0000000000 now'],
      'sk-proj-NOTAREALKEY0000000000',
    ],
    ['the password of an address', 'url_input', 'https://me:odd-secret@a.test/', 'odd-secret'],
  ])('%s', (_where, field, value, secret) => {
    const { shown, held } = ruleOn(field, value);
    expect(held).toContain(secret);
    expect(shown).not.toMatch(/odd[ %\\-]|987654|NOTAREAL|=a1\b|1a2b3c/);
  });

  test.each<[string, string, Json]>([
    ['a plain header', 'headers', row('Accept', 'text/plain')],
    ['a plain query', 'url_input', 'https://a.test/?keyword=odd-word&page=2&key=description'],
    ['a plain form', 'body', 'keyword=odd-word&tokens=3'],
    ['plain JSON', 'body', '{"key":"odd-word","max_token":4096,"role":"user"}'],
    [
      'names that mean something else',
      'body',
      '{"xKey":"date","key":"report2024","signature":"Best regards"}',
    ],
    ['a row whose key is long', 'body', row('a-name-that-1s-quite-l0ng-as-names-g0', 'odd-word')],
    ['the name of a variable', 'body', row('token', 'MY_TOKEN')],
    ['such a name in JSON', 'body', '{"token":"MY_TOKEN"}'],
    ['a plain command', 'curl_input', "curl -X POST -H 'Accept: x' -d 'a=1' -A agent https://a.test/?q=1"],
    ['a template', 'url_input', '{context}\nWrite {"token": "your-token-here"}'],
  ])('nothing of %s', (_what, field, value) => {
    const { shown, held } = ruleOn(field, value);
    expect(held).toEqual([]);
    expect(shown).toContain(json(value));
  });
});
