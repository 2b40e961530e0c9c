import { afterEach, describe, expect, test, vi } from 'vitest';
import type { Home } from '../home.js';
import type { Servers } from '../servers/start-servers.js';
import {
  type EnvironmentOf,
  chooseScripted,
  findDefaultModel,
  hasProviderKey,
  serviceEnvironment,
} from './service-environment.js';

test('a provider whose key is set sets the model of nodes that name none', () => {
  expect(findDefaultModel({ OPENAI_API_KEY: 'k', GOOGLE_API_KEY: 'k' })).toMatch(/^openai\/./);
  expect(findDefaultModel({ OPENAI_API_KEY: '', ANTHROPIC_API_KEY: 'k' })).toMatch(/^anthropic\/./);
  expect(findDefaultModel({ GOOGLE_API_KEY: 'k' })).toMatch(/^google\/./);
  expect(findDefaultModel({ GROQ_API_KEY: 'k' })).toBeUndefined();
  expect(hasProviderKey({ GROQ_API_KEY: 'k' })).toBe(false);
});

test('a scripted provider that the environment names is used, and none is started', () => {
  const url = 'http://127.0.0.1:4010';
  expect(chooseScripted({})).toEqual({ isScripted: true, givenUrl: undefined });
  expect(chooseScripted({ OPENAI_API_KEY: 'k' })).toEqual({ isScripted: false, givenUrl: undefined });
  expect(chooseScripted({ OPENAI_API_KEY: 'k', CAUSEWAY_SCRIPTED_PROVIDER_URL: url })).toEqual({
    isScripted: true,
    givenUrl: url,
  });
});

describe('the environment of a service', () => {
  const given: EnvironmentOf = {
    home: {
      objects: '/h/objects',
      logs: '/h/logs',
      postgresFolder: '/h/postgres',
      compileCache: '/h/compile-cache',
      secrets: { masterKey: 'made', roleSeed: 'seed' },
    } as Home,
    servers: { natsUrlOf: (service) => `nats://${service}@n`, redis: { url: 'redis://r' } } as Servers,
    databaseUrls: {},
    logLevel: 'info',
    apiKey: 'cw-admin',
    scriptedProviderUrl: 'http://127.0.0.1:4010',
  };
  afterEach(() => vi.unstubAllEnvs());

  test.each([
    ['CAUSEWAY_OBJECT_STORE', 's3://bucket', '/h/objects'],
    ['CAUSEWAY_DISK_PATHS', '/data', '/h/objects,/h/logs,/h/postgres'],
  ])('%s of the environment overrides the value of start', (name, mine, made) => {
    vi.stubEnv(name, '');
    expect(serviceEnvironment('executor', given)[name]).toBe(made);
    vi.stubEnv(name, mine);
    expect(serviceEnvironment('executor', given)[name]).toBe(mine);
  });

  test('of auth alone has master keys: those of the environment, else the value of start', () => {
    const of = (service: string): (string | undefined)[] =>
      ['CAUSEWAY_MASTER_KEY', 'CAUSEWAY_MASTER_KEY_FILE'].map(
        (name) => serviceEnvironment(service, given)[name],
      );
    const others = ['gateway', 'flow-registry', 'scheduler', 'executor', 'audit'];
    vi.stubEnv('CAUSEWAY_MASTER_KEY', '');
    expect(of('auth')).toEqual(['made', undefined]);
    vi.stubEnv('CAUSEWAY_MASTER_KEY', 'mine');
    expect(of('auth')).toEqual(['mine', undefined]);
    for (const other of others) expect(of(other)).toEqual([undefined, undefined]);
    vi.stubEnv('CAUSEWAY_MASTER_KEY_FILE', '/keys');
    expect(of('auth')).toEqual([undefined, '/keys']);
    for (const other of others) expect(of(other)).toEqual([undefined, undefined]);
  });

  test('has the key of the audit log only in audit, and it is that of the environment where there is one', () => {
    const made = serviceEnvironment('audit', given)['CAUSEWAY_AUDIT_SIGNING_KEY'] ?? '';
    expect(Buffer.from(made, 'base64')).toHaveLength(32);
    expect(made).not.toBe(serviceEnvironment('audit', given)['CAUSEWAY_SIGNING_KEY']);
    vi.stubEnv('CAUSEWAY_AUDIT_SIGNING_KEY', 'mine');
    expect(serviceEnvironment('audit', given)['CAUSEWAY_AUDIT_SIGNING_KEY']).toBe('mine');
    for (const service of ['gateway', 'auth', 'executor'])
      expect(serviceEnvironment(service, given)['CAUSEWAY_AUDIT_SIGNING_KEY']).toBeUndefined();
  });

  test('has a key for its messages that is the service’s own, and the public keys of all', () => {
    const [executor, auth] = ['executor', 'auth'].map((service) => serviceEnvironment(service, given));
    expect(Buffer.from(executor?.['CAUSEWAY_SIGNING_KEY'] ?? '', 'base64')).toHaveLength(32);
    expect(executor?.['CAUSEWAY_SIGNING_KEY']).not.toBe(auth?.['CAUSEWAY_SIGNING_KEY']);
    expect(executor?.['CAUSEWAY_TRUSTED_KEYS']).toBe(auth?.['CAUSEWAY_TRUSTED_KEYS']);
    const names = executor?.['CAUSEWAY_TRUSTED_KEYS']?.split(',').map((pair) => pair.split('=')[0]);
    const services = [
      'audit',
      'auth',
      'executor',
      'executor-runner',
      'flow-registry',
      'gateway',
      'scheduler',
    ];
    expect(names).toEqual(services);
    const own = services.filter(
      (service) => serviceEnvironment(service, given)['CAUSEWAY_RUNNER_SIGNING_KEY'],
    );
    expect(own).toEqual(['executor']);
    expect(executor?.['CAUSEWAY_RUNNER_SIGNING_KEY']).not.toBe(executor?.['CAUSEWAY_SIGNING_KEY']);
  });

  test('has a login for NATS that is the service’s own', () => {
    for (const service of ['executor', 'auth'])
      expect(serviceEnvironment(service, given)['CAUSEWAY_NATS_URL']).toBe(`nats://${service}@n`);
    const ofRunners = ['executor', 'auth'].map(
      (service) => serviceEnvironment(service, given)['CAUSEWAY_RUNNER_NATS_URL'],
    );
    expect(ofRunners).toEqual(['nats://executor-runner@n', undefined]);
  });

  test('the disk of an object store elsewhere is watched instead of the disk of the private folder', () => {
    vi.stubEnv('CAUSEWAY_OBJECT_STORE', '/data/objects');
    expect(serviceEnvironment('gateway', given)['CAUSEWAY_DISK_PATHS']).toMatch(/^\/data\/objects,\/h\/logs/);
    vi.stubEnv('CAUSEWAY_OBJECT_STORE', 's3://bucket');
    expect(serviceEnvironment('gateway', given)['CAUSEWAY_DISK_PATHS']).toBe('/h/logs,/h/postgres');
  });

  test('only auth gets the administrator’s key, and no service gets the key of the command line', () => {
    vi.stubEnv('CAUSEWAY_API_KEY', 'cw-mine');
    expect(serviceEnvironment('auth', given)['CAUSEWAY_BOOTSTRAP_API_KEY']).toBe('cw-admin');
    const executor = serviceEnvironment('executor', given);
    expect(executor['CAUSEWAY_BOOTSTRAP_API_KEY'] ?? executor['CAUSEWAY_API_KEY']).toBeUndefined();
  });
});
