import { testNats } from '@causeway/testing';
import {
  Injectable,
  Module,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
  type OnModuleInit,
} from '@nestjs/common';
import { expect, test } from 'vitest';
import { runService } from '#platform';
import { testCaller, testKeys } from '#testing';

const called: string[] = [];

@Injectable()
class Hooks implements OnModuleInit, OnApplicationBootstrap, OnApplicationShutdown {
  onModuleInit(): void {
    called.push('init');
  }

  onApplicationBootstrap(): void {
    called.push('bootstrap');
  }

  onApplicationShutdown(): void {
    called.push('shutdown');
  }
}

@Module({ providers: [Hooks] })
class HooksModule {}

const nats = await testNats();

test.each([
  ['only receives messages', {}],
  ['has an HTTP side', { http: () => ({ port: 0, host: '127.0.0.1' }) }],
])('each hook of a service that %s is called once, before it prepares', async (_what, more) => {
  called.length = 0;
  const service = await runService({
    name: 'hooks',
    settings: {},
    module: async () => HooksModule,
    prepare: async () => void called.push('prepare'),
    environment: { ...testKeys, CAUSEWAY_NATS_URL: nats.url, CAUSEWAY_LOG_LEVEL: 'silent' },
    embedded: true,
    callerOf: testCaller,
    ...more,
  });
  await service.drain('test over');
  expect(called).toEqual(['init', 'bootstrap', 'prepare', 'shutdown']);
});
