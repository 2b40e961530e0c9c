import type { Command } from 'commander';
import { connect } from '../../connection.js';
import { act } from '../../program.js';
import { type ExportOptions, exportAudit } from './export.js';
import { type QueryOptions, queryAudit } from './query.js';
import { type StreamOptions, streamAudit } from './stream.js';
import { type VerifyOptions, showAuditKeys, verifyAudit } from './verify.js';

/** Declares the commands of the audit log. */
export function declareAudit(program: Command): void {
  const audit = program
    .command('audit')
    .description('find what was done and refused, export it, and check an export');
  withFilter(audit.command('query', { isDefault: true }))
    .description('list what was done and refused, newest first, in the last 30 days unless --from is given')
    .option('--oldest', 'the oldest first')
    .option('--count', 'also count them')
    .option('--limit <n>', 'how many acts, at most 500', '20')
    .action(act((output, common, options: QueryOptions) => queryAudit(connect(common), options, output)));
  withFilter(audit.command('export'))
    .description(
      'write acts to a file, with what proves them; an export that was interrupted goes on with the same command',
    )
    .requiredOption('--out <file>', 'the file')
    .option('--csv', 'as CSV for a spreadsheet, without proof')
    .action(act((output, common, options: ExportOptions) => exportAudit(connect(common), options, output)));
  audit
    .command('verify <file>')
    .description('check an export: with --public-key it needs no server')
    .option(
      '--public-key <file>',
      'file with the public keys that are trusted, as `audit keys` shows them or as PEM',
    )
    .option(
      '--checkpoints <folder>',
      'checkpoints that were kept outside of the database: kept/audit of the object store, or a copy of it',
    )
    .action(
      act((output, common, file: string, options: VerifyOptions) =>
        verifyAudit(() => connect(common), file, options, output),
      ),
    );
  audit
    .command('keys')
    .description('show the public keys with which exports are checked; keep a copy of your own')
    .action(act((output, common) => showAuditKeys(connect(common), output)));
  audit
    .command('stream [url]')
    .description(
      'show where the organisation’s acts are sent, such as to a SIEM; with an address, send them there as signed messages',
    )
    .option('--from-beginning', 'from the beginning of the log, not from now on')
    .option('--stop', 'do not send them any more')
    .action(
      act((output, common, url: string | undefined, options: StreamOptions) =>
        streamAudit(connect(common), url, options, output),
      ),
    );
}

function withFilter(command: Command): Command {
  return command
    .option('--team <team>', 'the team, by its name or id; default: the team of your key')
    .option('--organisation', 'all acts of the organisation, also those of no team')
    .option('--actor <actor>', 'only acts of this person or service account, by name or id')
    .option(
      '--action <action>',
      'only acts of this kind, such as flow.create, or all that begin so, such as "flow.*"',
    )
    .option('--object-type <type>', 'only acts on objects of this kind, such as flow or key')
    .option('--object <id>', 'only acts on this object')
    .option('--result <result>', 'only acts that ended so: succeeded, failed, refused')
    .option('--address <address>', 'only acts from this network address')
    .option('--request <id>', 'only acts of this request')
    .option('--run <id>', 'only acts of this run')
    .option(
      '--text <text>',
      'only acts with these words in a name, a code or the details; ids have options of their own',
    )
    .option('--from <time>', 'only acts at this time or later, as an ISO time')
    .option('--to <time>', 'only acts before this time');
}
