import type { Command } from 'commander';
import { connect } from '../../connection.js';
import { act } from '../../program.js';
import { createWebhook, deleteWebhook, listWebhooks, renewWebhook } from './webhooks.js';

const UNSIGNED = [
  '--unsigned',
  'take requests that are not signed: whoever learns the address can run the flow',
] as const;

/** Declares the commands for the addresses that run flows without a key. */
export function declareWebhooks(program: Command): void {
  const webhooks = program
    .command('webhooks')
    .description(
      'list, create, renew and delete the webhooks of flows: addresses that run them without a key',
    );
  webhooks
    .command('list', { isDefault: true })
    .description('list the flows that have a webhook, and whether its requests must be signed')
    .action(act((output, common) => listWebhooks(connect(common), output)));
  webhooks
    .command('create <flow>')
    .description('give a flow a webhook, and show its address and its secret once')
    .option(...UNSIGNED)
    .action(
      act((output, common, flow: string, options: { unsigned?: boolean }) =>
        createWebhook(connect(common), flow, options, output),
      ),
    );
  webhooks
    .command('secret <flow>')
    .description(
      'give a flow’s webhook another secret and another address, and show both once; the former ones end at once',
    )
    .option(...UNSIGNED)
    .action(
      act((output, common, flow: string, options: { unsigned?: boolean }) =>
        renewWebhook(connect(common), flow, options, output),
      ),
    );
  webhooks
    .command('delete <flow>')
    .description('end a flow’s webhook: its address does not exist any more')
    .action(act((output, common, flow: string) => deleteWebhook(connect(common), flow, output)));
}
