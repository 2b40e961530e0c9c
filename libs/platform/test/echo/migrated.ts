import { Module } from '@nestjs/common';
import { runService } from '#platform';

@Module({})
class NothingModule {}

await runService({
  name: 'echo',
  settings: {},
  database: true,
  migrations: process.env['MIGRATIONS'] as string,
  module: async () => NothingModule,
});
