import { afterEach, expect, test } from 'vitest';
import { Api } from '../src/api.js';
import { type Site, openSite, refuse } from './site.js';

let site: Site | undefined;
afterEach(() => site?.close());

test.each(['127.0.0.1:7860', 'localhost:7860', 'example', 'ftp://example'])(
  '%s is not an address, and the error says how to write one',
  (url) => {
    expect(() => new Api({ url, apiKey: 'k' })).toThrow(
      `"${url}" is not the address of a server: write it as http://`,
    );
  },
);

test('a key that a header cannot hold is refused without being shown', () => {
  const url = 'http://127.0.0.1:1';
  for (const apiKey of ['cw-“quoted”', 'cw-a\nb', 'cw-ключ'])
    expect(() => new Api({ url, apiKey })).toThrow(
      /^the API key contains a character that no key has: copy it again \(--key or CAUSEWAY_API_KEY\)$/,
    );
  expect(() => new Api({ url, apiKey: 'cw-fine\n' })).not.toThrow();
});

test('the error for a refused key says how to give one', async () => {
  site = await openSite({
    'GET /x': (response) => refuse(response, 403, 'KEY_INVALID', 'Invalid or missing API key'),
  });
  await expect(site.api.json('GET', '/x')).rejects.toThrow(
    /^Invalid or missing API key \(set one with --key or CAUSEWAY_API_KEY\)$/,
  );
});
