import { describe, expect, test } from 'vitest';
import { CausewayError, SECRET_MASK } from '@causeway/dag';
import { allowsOrigin } from './allowed-host.js';
import { maskSecretsInBytes } from './mask-secrets-in.js';
import { RunSecrets, type RunSecretsOptions } from './run-secrets.js';
import type { Secret } from './secret.js';

const value = 'canary-of-the-flow';

function secrets(secret: Partial<Secret> = {}, rest: Partial<RunSecretsOptions> = {}): RunSecrets {
  return new RunSecrets({
    flowId: 'flow-1',
    secrets: [{ value, label: 'the credential KEY', variable: 'KEY', ...secret }],
    origins: new Set(['https://named.test']),
    providerBaseUrls: {},
    allowedHosts: async () => [],
    ...rest,
  });
}

async function goes(to: string, of: RunSecrets): Promise<boolean> {
  const call = { url: new URL(to), headers: ['x-key', value], body: undefined };
  try {
    await of.check('Node', call);
    return true;
  } catch {
    return false;
  }
}

describe('allowsOrigin', () => {
  test.each([
    ['a.test', 'https://a.test', true],
    ['A.test', 'https://a.test', true],
    ['a.test', 'http://a.test', false],
    ['a.test', 'https://a.test:8443', false],
    ['a.test', 'https://sub.a.test', false],
    ['a.test:80', 'http://a.test', true],
    ['10.0.0.5:8080', 'http://10.0.0.5:8080', true],
    ['[::1]:8080', 'http://[::1]:8080', true],
    ['http://a.test', 'http://a.test', true],
    ['https://a.test', 'http://a.test', false],
  ])('%s and %s: %s', (entry, origin, expected) => {
    expect(allowsOrigin(entry, origin)).toBe(expected);
  });
});

describe('a secret', () => {
  test('N23: may be sent to an origin that the flow names: scheme, host and port', async () => {
    expect(await goes('https://named.test/any?path', secrets())).toBe(true);
    for (const other of ['http://named.test', 'https://named.test:444', 'https://sub.named.test'])
      expect(await goes(other, secrets()), other).toBe(false);
  });

  test('may be sent to its provider’s own address, and to the one that the platform set', async () => {
    const ofOpenai = (base: Record<string, string>) =>
      secrets({ providers: ['openai'] }, { providerBaseUrls: base });
    expect(await goes('https://api.openai.com/v1/files', ofOpenai({}))).toBe(true);
    expect(await goes('http://proxy:81/v1', ofOpenai({ openai: 'http://proxy:81' }))).toBe(true);
    expect(await goes('http://proxy:81/v1', ofOpenai({ groq: 'http://proxy:81' }))).toBe(false);
  });

  test('may be sent to a host of its own list or of the flow’s', async () => {
    expect(await goes('https://own.test', secrets({ allowedHosts: ['own.test'] }))).toBe(true);
    expect(await goes('https://own.test', secrets({}, { allowedHosts: async () => ['own.test'] }))).toBe(
      true,
    );
    expect(await goes('https://other.test', secrets({ allowedHosts: ['own.test'] }))).toBe(false);
  });

  test('may be sent only to its provider when it is the platform’s', async () => {
    const platform = secrets(
      { providers: ['openai'], isOfPlatform: true, allowedHosts: ['named.test'] },
      { allowedHosts: async () => ['named.test'] },
    );
    expect(await goes('https://api.openai.com', platform)).toBe(true);
    expect(await goes('https://named.test', platform)).toBe(false);
    expect(await platform.mayGo({ value, provider: undefined }, 'https://named.test')).toBe(false);
  });

  test('is not withheld when it came with the request', async () => {
    expect(await goes('https://other.test', secrets({}, { brought: new Set([value]) }))).toBe(true);
  });

  test('is named in the error with its target and the command that allows it, and never shown', async () => {
    const call = { url: new URL('https://other.test/x'), headers: ['x-key', value], body: undefined };
    const error = await secrets()
      .check('API Request', call)
      ?.catch((thrown: unknown) => thrown as Error & { code: string });
    expect(error).toMatchObject({ code: 'SECRET_WITHHELD' });
    const { message } = error as Error;
    expect(message).toBe(
      'Component API Request would send the credential KEY in header x-key to https://other.test, which the flow does not name, so the call was not made. Write the address into the flow, or allow it: npx causeway vars set KEY --allow-host https://other.test or npx causeway flows allow-hosts flow-1 https://other.test',
    );
    expect(JSON.stringify(error)).not.toContain(value);
  });

  test('does not delay a call without secrets', () => {
    const call = { url: new URL('https://other.test/x'), headers: ['a', 'b'], body: 'text' };
    expect(secrets().check('Node', call)).toBeUndefined();
  });
});

describe('headers that are sent to an address from a server', () => {
  const headers = {
    accept: 'x',
    'x-key': value,
    'x-token': 'of the request',
    authorization: 'Basic x',
    cookie: 'a',
  };

  test('are those without a secret and without a secret’s name', async () => {
    const { headers: kept, left } = await secrets().headersFor(new URL('https://other.test'), headers);
    expect(kept).toEqual({ accept: 'x' });
    expect(left).toEqual(['x-key', 'x-token', 'authorization', 'cookie']);
  });

  test('include a secret if it may be sent there', async () => {
    const { headers: kept } = await secrets().headersFor(new URL('https://named.test'), headers);
    expect(kept).toEqual({ accept: 'x', 'x-key': value });
  });
});

describe('texts that are shown', () => {
  const odd = 'pa"ss wörd/+&1';
  const percent = encodeURIComponent(odd);

  test.each([
    ['as it is', odd],
    ['in JSON', JSON.stringify({ a: odd })],
    ['in an address', `https://a.test/?q=${percent}`],
    ['in a form', `q=${percent.replaceAll('%20', '+')}`],
    ...['', 'a', 'ab', 'user:'].map((before) => [
      `in base64 after ${JSON.stringify(before)}`,
      Buffer.from(`${before}${odd} and more`).toString('base64'),
    ]),
    ['in base64 for addresses', Buffer.from(`??>${odd}`).toString('base64url')],
  ])('have no secret %s', (_how, text) => {
    const of = secrets({ value: odd });
    const shown = of.mask(`It says ${text}.`);
    expect(shown).toContain(SECRET_MASK);
    expect(shown).not.toMatch(/wörd|w%C3%B6rd|pa\\?"ss/);
    expect(Buffer.from(/says (\S+)\.$/.exec(shown)?.[1] ?? '', 'base64').toString('utf8')).not.toContain(
      'wörd',
    );
  });

  test('have no short secret as a whole word, and keep words that only contain it', () => {
    const of = secrets({ value: 'abcd' });
    expect(of.mask('key abcd; abcdefg')).toBe(`key ${SECRET_MASK}; abcdefg`);
    expect(secrets({ value: 'abc' }).mask('key abc')).toBe('key abc');
  });

  test('have no text that looks like a key, no secret of the request, and no further value that is named', () => {
    const of = secrets(
      {},
      { brought: new Set(['brought-by-it', 'plain-words']), broughtSecrets: ['brought-by-it'] },
    );
    const shown = of.mask(
      `${value} brought-by-it plain-words sk-proj-NOTAREALKEY00000 other-key`,
      'other-key',
    );
    expect(shown).toBe(`${SECRET_MASK} ${SECRET_MASK} plain-words ${SECRET_MASK} ${SECRET_MASK}`);
    expect(of.maskOwn('brought-by-it sk-proj-NOTAREALKEY00000')).toBe(
      'brought-by-it sk-proj-NOTAREALKEY00000',
    );
  });

  test('of an error are its message, its details and its stack; its code and cause are kept', () => {
    const cause = new Error('why');
    const details = { problem: `it said ${value}`, list: [{ text: value, status: 400 }] };
    const masked = secrets().maskError(
      new CausewayError('REQUEST_FAILED', `no ${value}`, { details, cause }),
    );
    expect(masked).toMatchObject({ code: 'REQUEST_FAILED', message: `no ${SECRET_MASK}`, cause });
    expect(JSON.stringify(masked.details)).toContain('"status":400');
    expect(JSON.stringify([masked.details, masked.stack])).not.toContain(value);
    const plain = new CausewayError('REQUEST_FAILED', 'no', { details: { problem: 'x' } });
    expect(secrets().maskError(plain)).toBe(plain);
  });
});

test('the bytes of an answer are masked, and no others are changed', () => {
  const bytes = Buffer.concat([Buffer.from([0, 255, 254]), Buffer.from(`"${value}"`), Buffer.from([128])]);
  const masked = Buffer.from(maskSecretsInBytes(bytes, [{ value }]));
  const mask = Buffer.from(`"${SECRET_MASK}"`);
  expect(masked).toEqual(Buffer.concat([Buffer.from([0, 255, 254]), mask, Buffer.from([128])]));
  expect(maskSecretsInBytes(bytes, [{ value: 'another-one' }])).toBe(bytes);
});

test('a short secret in an answer is masked where it is a whole value, and JSON is still valid', () => {
  const answer = '{"pin":1234,"echo":"q=1234&a=12345","list":["1234"],"1234":"x1234x"}';
  const masked = Buffer.from(maskSecretsInBytes(Buffer.from(answer), [{ value: '1234' }])).toString('utf8');
  expect(JSON.parse(masked)).toEqual({
    pin: SECRET_MASK,
    echo: `q=${SECRET_MASK}&a=12345`,
    list: [SECRET_MASK],
    '1234': 'x1234x',
  });
});

test.each([
  ['space around it', ' spaced-secret-1\n', { headers: ['x-sub', 'spaced-secret-1'] }],
  [
    'a document, written in another way',
    '{"private_key": "key-of-the-account"}',
    { body: '{"private_key":"key-of-the-account"}' },
  ],
  ['characters that forms encode', "bang!lit'sec(01)~x", { query: '?k=bang%21lit%27sec%2801%29%7Ex' }],
  ['an address with a percent sign that encodes nothing', 'bang!lit-sec', { query: '?%zz&k=bang%21lit-sec' }],
])(
  'a secret with %s is found in a call',
  async (
    _what,
    secret,
    {
      headers = [],
      body,
      query = '',
    }: {
      headers?: string[];
      body?: string;
      query?: string;
    },
  ) => {
    const of = secrets({ value: secret });
    const call = { url: new URL(`https://elsewhere.test/${query}`), headers, body };
    await expect(Promise.resolve(of.check('Node', call))).rejects.toMatchObject({ code: 'SECRET_WITHHELD' });
  },
);

test.each(['utf-16le', 'utf-16be'])('bytes of an answer in %s lose their secrets', (charset) => {
  const bytes = Buffer.from('a my-secret-value b', 'utf16le');
  if (charset === 'utf-16be') bytes.swap16();
  const masked = maskSecretsInBytes(bytes, [{ value: 'my-secret-value' }]);
  expect(new TextDecoder(charset).decode(masked)).toBe(`a ${SECRET_MASK} b`);
});
