import type { Command } from 'commander';
import { connect } from '../../connection.js';
import { act } from '../../program.js';
import { moveFlow } from './moves.js';
import { listShares, shareFlow, unshareFlow } from './shares.js';

const WITH = ['--with <team or person>', 'by name or id; a person also by e-mail address'] as const;

/** Declares the commands that share a flow with others, or give it to them. */
export function declareSharing(flows: Command): void {
  flows
    .command('share <flow>')
    .description(
      'share one flow with another team, or with one person, at one role; others see and run nothing else of your team, and only their own runs of the flow',
    )
    .requiredOption(...WITH)
    .requiredOption('--role <role>', 'the role, such as runner; see: npx causeway roles')
    .action(
      act((output, common, flow: string, options: Parameters<typeof shareFlow>[2]) =>
        shareFlow(connect(common), flow, options, output),
      ),
    );
  flows
    .command('unshare <flow>')
    .description('end the sharing of a flow with a team or a person, within a second')
    .requiredOption(...WITH)
    .option('--role <role>', 'only this role; default: all that they have there')
    .action(
      act((output, common, flow: string, options: Parameters<typeof unshareFlow>[2]) =>
        unshareFlow(connect(common), flow, options, output),
      ),
    );
  flows
    .command('move <flow>')
    .description(
      'move a flow to another team, with its versions, files and webhook; runs, chats and audit events stay, and roles that were given in it end',
    )
    .requiredOption('--to-team <team>', 'the team, by its name or id')
    .option('--project <id>', 'the project there, by its id; default: its oldest one')
    .action(
      act((output, common, flow: string, options: Parameters<typeof moveFlow>[2]) =>
        moveFlow(connect(common), flow, options, output),
      ),
    );
  flows
    .command('shares <flow>')
    .description('list with whom a flow is shared, and at which role')
    .action(act((output, common, flow: string) => listShares(connect(common), flow, output)));
}
