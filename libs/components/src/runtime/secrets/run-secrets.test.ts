import { describe, expect, test } from 'vitest';
import { allowsOrigin } from './allowed-host.js';
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
  test('goes to an origin that the flow names: scheme, host and port', async () => {
    expect(await goes('https://named.test/any?path', secrets())).toBe(true);
    for (const other of ['http://named.test', 'https://named.test:444', 'https://sub.named.test'])
      expect(await goes(other, secrets()), other).toBe(false);
  });

  test('goes to its provider’s own address, and to the one that the platform set', async () => {
    const ofOpenai = (base: Record<string, string>) =>
      secrets({ providers: ['openai'] }, { providerBaseUrls: base });
    expect(await goes('https://api.openai.com/v1/files', ofOpenai({}))).toBe(true);
    expect(await goes('http://proxy:81/v1', ofOpenai({ openai: 'http://proxy:81' }))).toBe(true);
    expect(await goes('http://proxy:81/v1', ofOpenai({ groq: 'http://proxy:81' }))).toBe(false);
  });

  test('goes to a host of its own list or of the flow’s', async () => {
    expect(await goes('https://own.test', secrets({ allowedHosts: ['own.test'] }))).toBe(true);
    expect(await goes('https://own.test', secrets({}, { allowedHosts: async () => ['own.test'] }))).toBe(
      true,
    );
    expect(await goes('https://other.test', secrets({ allowedHosts: ['own.test'] }))).toBe(false);
  });

  test('goes nowhere but to its provider when it is the platform’s', async () => {
    const platform = secrets(
      { providers: ['openai'], isOfPlatform: true, allowedHosts: ['named.test'] },
      { allowedHosts: async () => ['named.test'] },
    );
    expect(await goes('https://api.openai.com', platform)).toBe(true);
    expect(await goes('https://named.test', platform)).toBe(false);
    expect(await platform.mayGo({ value, provider: undefined }, 'https://named.test')).toBe(false);
  });

  test('is not one when the request brought it', async () => {
    expect(await goes('https://other.test', secrets({}, { brought: new Set([value]) }))).toBe(true);
  });

  test('is named in the error with where it would go and how to allow that, and never shown', async () => {
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

  test('does not make a call wait that holds none', () => {
    const call = { url: new URL('https://other.test/x'), headers: ['a', 'b'], body: 'text' };
    expect(secrets().check('Node', call)).toBeUndefined();
  });
});

describe('headers that go along to where a server points', () => {
  const headers = {
    accept: 'x',
    'x-key': value,
    'x-token': 'of the request',
    authorization: 'Basic x',
    cookie: 'a',
  };

  test('are those that hold no secret and are not named as one', async () => {
    const { headers: kept, left } = await secrets().headersFor(new URL('https://other.test'), headers);
    expect(kept).toEqual({ accept: 'x' });
    expect(left).toEqual(['x-key', 'x-token', 'authorization', 'cookie']);
  });

  test('hold a secret where it may go', async () => {
    const { headers: kept } = await secrets().headersFor(new URL('https://named.test'), headers);
    expect(kept).toEqual({ accept: 'x', 'x-key': value });
  });
});

describe('maskIn', () => {
  test('masks every secret of the run in every form in which it could be quoted', () => {
    const of = secrets({}, {});
    of.add({ value: 'p"ss wörd/+', label: 'a password' });
    of.add({ value: 'hunter2', label: 'a short one' });
    for (const quoted of [
      value,
      encodeURIComponent('p"ss wörd/+'),
      JSON.stringify('p"ss wörd/+'),
      'p"ss wörd/+',
      'hunter2',
    ]) {
      const masked = of.maskIn(`It says: ${quoted}; and more.`);
      expect(masked).toMatch(/^It says: "?•{8}"?; and more\.$/);
    }
    const basic = Buffer.from(`user:${value}`).toString('base64');
    expect(of.maskIn(`Authorization: Basic ${basic}`)).toContain('••••••••');
    expect(of.maskIn('hunter22 and shunter2 are other words')).toBe('hunter22 and shunter2 are other words');
  });
});
