import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { readAuditKey } from '@causeway/audit-chain';
import { ROOT, auditSigningKey, openHome } from '@causeway/stack';
import { checkInvariants, invariantReport } from './check-invariants.js';

/** Checks the invariants of the copy that runs on a private folder: `--home FOLDER`, else CAUSEWAY_HOME, else the checkout's. */
const { values } = parseArgs({ options: { home: { type: 'string' } } });
const home = openHome(resolve(values.home ?? process.env['CAUSEWAY_HOME'] ?? join(ROOT, '.causeway')));
const { postgresUrl } = JSON.parse(readFileSync(home.runningFile, 'utf8')) as { postgresUrl?: string };
if (postgresUrl === undefined)
  throw new Error(`Causeway is not running with the private folder ${home.folder}: start it with npm start`);

const url = new URL(postgresUrl);
url.pathname = '/causeway';
const checked = await checkInvariants({
  url: url.href,
  masterKey: home.secrets.masterKey,
  auditKeys: [readAuditKey(auditSigningKey(home.secrets))],
  hidden: { texts: Object.values(home.secrets), logFolder: home.logs },
});
process.stdout.write(`${invariantReport(checked)}\n`);
process.exitCode = checked.some(({ violations }) => violations.length > 0) ? 1 : 0;
