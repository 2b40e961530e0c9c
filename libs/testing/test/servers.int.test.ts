import { connect } from '@nats-io/transport-node';
import { Redis } from 'ioredis';
import { Client } from 'pg';
import { describe, expect, test } from 'vitest';
import { testDatabase, testNats, testPostgres, testRedis } from '@causeway/testing';
import { dropDatabase } from '../src/drop-database.js';

describe('a database of a test file', async () => {
  const database = await testDatabase({ services: ['audit'] });
  const second = await testDatabase({ services: ['audit'] });

  test('is reachable and is not another one', async () => {
    const names = [];
    for (const { adminUrl } of [database, second]) {
      const client = new Client({ connectionString: adminUrl });
      await client.connect();
      const { rows } = await client.query<{ name: string }>('select current_database() as name');
      names.push(rows[0]?.name);
      await client.end();
    }
    expect(names).toEqual([database.name, second.name]);
    expect(database.name).not.toBe(second.name);
  });

  test('has a login per service that works in its own schema', async () => {
    for (const [service, url] of Object.entries(database.urls)) {
      const client = new Client({ connectionString: url });
      await client.connect();
      const { rows } = await client.query<{ schema: string }>('select current_schema() as schema');
      await client.end();
      expect(rows[0]?.schema).toBe(service.replaceAll('-', '_'));
    }
  });
});

test('a test file may block its event loop for long, and then request a server', async () => {
  const url = await testPostgres();
  // An HTTP server closes an idle connection after six seconds by default, and this process does not notice it meanwhile.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 7_000);
  expect(await testPostgres()).toBe(url);
});

test('a connection left open to a test database is an error that names it', async () => {
  const adminUrl = await testPostgres();
  const admin = new Client({ connectionString: adminUrl });
  await admin.connect();
  await admin.query('create database leaky');
  await admin.end();
  const address = new URL(adminUrl);
  address.pathname = '/leaky';
  const leak = new Client({ connectionString: address.href, application_name: 'the culprit' });
  leak.on('error', () => {});
  await leak.connect();
  await expect(dropDatabase('leaky', adminUrl)).rejects.toThrow(/left open.*“the culprit”/);
});

describe('a NATS server of a test file', async () => {
  const nats = await testNats();

  test('refuses a client without a password and accepts the password of its address', async () => {
    const { host, username, password } = new URL(nats.url);
    await expect(connect({ servers: host, reconnect: false })).rejects.toThrow(/authorization/i);
    const connection = await connect({ servers: host, user: username, pass: password });
    expect(connection.info?.jetstream).toBe(true);
    await connection.close();
  });

  test('starts again at the same address after it was killed', async () => {
    const { host, username, password } = new URL(nats.url);
    await nats.kill();
    await expect(
      connect({ servers: host, reconnect: false, user: username, pass: password }),
    ).rejects.toThrow();
    await nats.start();
    const connection = await connect({ servers: host, user: username, pass: password });
    await connection.close();
  });
});

describe('a Redis server of a test file', async () => {
  const redis = await testRedis();

  test('answers at its address, and not without its password', async () => {
    const client = new Redis(redis.url);
    expect(await client.ping()).toBe('PONG');
    await client.quit();
    const stranger = new Redis({ port: Number(new URL(redis.url).port), lazyConnect: true });
    stranger.on('error', () => {});
    await expect(stranger.get('key')).rejects.toThrow(/NOAUTH/);
    stranger.disconnect();
  });
});
