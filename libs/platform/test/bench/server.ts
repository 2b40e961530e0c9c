import { type InputOf } from '@causeway/contracts';
import { connect } from '@nats-io/transport-node';
import { Controller, Module } from '@nestjs/common';
import { Handles, runService } from '#platform';
import { measured } from './contract.js';

@Controller()
class BenchController {
  @Handles(measured)
  async say({ text }: InputOf<typeof measured>) {
    return { text };
  }
}

@Module({ controllers: [BenchController] })
class BenchModule {}

if (process.argv[2] === 'raw') {
  const connection = await connect({ servers: (process.argv[3] ?? '').replace('nats://', '') });
  connection.subscribe('bench.raw', {
    queue: 'bench',
    callback: (_error, message) => {
      const { text } = message.json<{ text: string }>();
      message.respond(JSON.stringify({ text }));
    },
  });
  await connection.flush();
  process.send?.('ready');
} else {
  await runService({ name: 'bench', settings: {}, module: async () => BenchModule });
}
