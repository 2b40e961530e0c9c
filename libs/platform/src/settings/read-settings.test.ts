import { expect, test } from 'vitest';
import { z } from 'zod';
import { defineSettings, environmentName } from './define-settings.js';
import { platformSettings } from './platform-settings.js';
import { SettingsError, describeSettings, readSettings } from './read-settings.js';

const definition = defineSettings({
  httpPort: { schema: z.coerce.number().int().max(65_535).default(7860), description: 'Port.' },
  name: { schema: z.string().min(3), description: 'Name.' },
  password: { schema: z.string().min(8).optional(), description: 'Password.', secret: true },
  endpoint: { schema: z.url().optional(), description: 'Where to.', alsoReads: ['STANDARD_ENDPOINT'] },
});

function problemsOf(
  environment: NodeJS.ProcessEnv,
  required: (keyof typeof definition)[] = [],
): readonly string[] {
  try {
    readSettings(definition, environment, required);
    return [];
  } catch (error) {
    return (error as SettingsError).problems;
  }
}

test('a key names its environment variable', () => {
  expect(environmentName('httpPort')).toBe('CAUSEWAY_HTTP_PORT');
  expect(environmentName('redisUrl')).toBe('CAUSEWAY_REDIS_URL');
});

test('values are parsed, and variables that are not set or empty have their defaults', () => {
  const settings = readSettings(definition, { CAUSEWAY_NAME: 'echo', CAUSEWAY_HTTP_PORT: '' });
  expect(settings).toEqual({ httpPort: 7860, name: 'echo', password: undefined, endpoint: undefined });
  expect(readSettings(definition, { CAUSEWAY_NAME: 'echo', CAUSEWAY_HTTP_PORT: '80' }).httpPort).toBe(80);
});

test('a standard variable is read when the setting’s own is not set', () => {
  const environment = { CAUSEWAY_NAME: 'echo', STANDARD_ENDPOINT: 'http://a' };
  expect(readSettings(definition, environment).endpoint).toBe('http://a');
  expect(readSettings(definition, { ...environment, CAUSEWAY_ENDPOINT: 'http://b' }).endpoint).toBe(
    'http://b',
  );
  expect(problemsOf({ ...environment, STANDARD_ENDPOINT: 'nowhere' })[0]).toMatch(/^STANDARD_ENDPOINT: /);
});

test('listed names are read from the environment, and no others', () => {
  const names = z.string().transform((text) => Object.fromEntries(text.split(',').map((name) => [name, ''])));
  const listed = defineSettings({ names: { schema: names, description: 'Names.', fromEnvironment: true } });
  const environment = { CAUSEWAY_NAMES: 'ONE,TWO', ONE: '1', TWO: '', THREE: '3' };
  expect(readSettings(listed, environment).names).toEqual({ ONE: '1' });
});

test('every problem is listed, each with its variable and meaning, without secret values', () => {
  const problems = problemsOf({ CAUSEWAY_HTTP_PORT: '70000', CAUSEWAY_PASSWORD: 'hunter2' });
  expect(problems).toHaveLength(3);
  expect(problems[0]).toMatch(/^CAUSEWAY_HTTP_PORT: .*65535.* \(is "70000"\)\. Port\.$/);
  expect(problems[1]).toBe('CAUSEWAY_NAME: is not set. Name.');
  expect(problems[2]).toMatch(/^CAUSEWAY_PASSWORD: /);
  expect(problems.join()).not.toContain('hunter2');
});

test('an optional setting may be required by a service', () => {
  expect(problemsOf({ CAUSEWAY_NAME: 'echo' }, ['password'])).toEqual([
    'CAUSEWAY_PASSWORD: is not set, and this service needs it. Password.',
  ]);
});

test('descriptions have name, default and whether the setting is required', () => {
  expect(describeSettings(definition)).toEqual([
    { name: 'CAUSEWAY_HTTP_PORT', description: 'Port.', default: '7860', required: false, secret: false },
    { name: 'CAUSEWAY_NAME', description: 'Name.', required: true, secret: false },
    { name: 'CAUSEWAY_PASSWORD', description: 'Password.', required: false, secret: true },
    { name: 'CAUSEWAY_ENDPOINT', description: 'Where to.', required: false, secret: false },
  ]);
});

test('only the keys for messages are required, and each platform setting is described in a sentence', () => {
  for (const { name, required, description } of describeSettings(platformSettings)) {
    expect([name, required]).toEqual([name, /SIGNING_KEY|TRUSTED_KEYS/.test(name)]);
    expect(description).toMatch(/^[A-Z].*\.$/);
  }
});
