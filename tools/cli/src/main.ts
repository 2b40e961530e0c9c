import { RunStatus } from '@causeway/dag';
import { declareAccess } from './commands/access/declare-access.js';
import { declareOAuth } from './commands/oauth/declare-oauth.js';
import { declareOrganisation } from './commands/organisation/declare-organisation.js';
import { declarePeople } from './commands/people/declare-people.js';
import { Api } from './api.js';
import { declareAdmin } from './commands/admin/declare-admin.js';
import { declareKeys } from './commands/admin/declare-keys.js';
import { declareAudit } from './commands/audit/declare-audit.js';
import { exportFlows } from './commands/export.js';
import { declareSharing } from './commands/access/declare-sharing.js';
import { allowHosts, flows } from './commands/flows.js';
import { listVersions, publish } from './commands/versions.js';
import { importFiles, importFrom } from './commands/import.js';
import { retention } from './commands/retention.js';
import { run } from './commands/run.js';
import { cancel, runs } from './commands/runs.js';
import { makeSigningKey } from './commands/signing-key.js';
import { trace } from './commands/trace/trace.js';
import { validate } from './commands/validate.js';
import { rotateData, rotateMaster, showSecrets } from './commands/secrets.js';
import { deleteVar, listVars, setVar } from './commands/vars.js';
import type { VariableOptions } from './commands/vars.js';
import { declareWebhooks } from './commands/webhooks/declare-webhooks.js';
import { connect } from './connection.js';
import { describeJson } from './json-shapes.js';
import { listFiles } from './list-files.js';
import type { Output } from './output.js';
import { pointAtHelp } from './point-at-help.js';
import { act, program } from './program.js';

program
  .command('validate <files...>')
  .description(
    'check flow files, or all files in folders: what cannot run, why, and what to do; needs no server',
  )
  .action(act((output, _common, files: string[]) => validate(namedFiles(files, ['.json'], output), output)));

program
  .command('import [files...]')
  .description(
    'import flow files, all files in folders, or the flows, projects and variable names of a running Langflow or Causeway',
  )
  .option('--from <url>', 'address of a running Langflow; --key is then its API key (LANGFLOW_API_KEY)')
  .action(
    act((output, common, files: string[], { from }: { from?: string }) => {
      if (from === undefined)
        return files.length > 0
          ? importFiles(connect(common), namedFiles(files, ['.json', '.zip'], output), output)
          : noFiles();
      const { key, ...here } = common;
      const apiKey = key ?? process.env['LANGFLOW_API_KEY'] ?? '';
      const source = new Api({
        url: from,
        apiKey,
        keyOption: '--key or LANGFLOW_API_KEY',
        whenUnreachable: 'Is Langflow running at this address (--from)?',
      });
      return importFrom(connect(here), source, output);
    }),
  );

program
  .command('export [flows...]')
  .description('write flows as they were imported, byte for byte')
  .option('--to <folder>', 'write into this folder; if no flow is named, all flows')
  .action(
    act((output, common, flows: string[], options: { to?: string }) => {
      if (flows.length === 0 && options.to === undefined)
        throw new Error('nothing to export: name a flow, or a folder for all of them with --to');
      return exportFlows(connect(common), flows, options.to, output);
    }),
  );

const flowCommands = program
  .command('flows')
  .description(
    'list flows and their versions, publish a version, share a flow, and set where secrets may be sent',
  );
flowCommands
  .command('list', { isDefault: true })
  .description('list flows: name, id, endpoint name, and whether they run')
  .action(act((output, common) => flows(connect(common), output)));
flowCommands
  .command('allow-hosts <flow> [hosts...]')
  .description(
    'set more hosts to which the flow’s secrets may be sent, in addition to those that it names: host, host:port or https://host; without hosts, show the list',
  )
  .option('--clear', 'empty the list')
  .action(
    act((output, common, flow: string, hosts: string[], { clear = false }: { clear?: boolean }) =>
      allowHosts(connect(common), flow, hosts, clear, output),
    ),
  );
flowCommands
  .command('versions <flow>')
  .description('list the versions of a flow, newest first, and which one runs use')
  .action(act((output, common, flow: string) => listVersions(connect(common), flow, output)));
flowCommands
  .command('publish <flow> [version]')
  .description(
    'let runs use this version, whatever is saved later; without a version, the newest one as it is now',
  )
  .option('--unpublish', 'let runs use the newest version again, whichever that is')
  .action(
    act((output, common, flow: string, version: string | undefined, options: { unpublish?: boolean }) =>
      publish(connect(common), flow, version, options, output),
    ),
  );
declareSharing(flowCommands);

program
  .command('run <flow>')
  .description('run a flow, given by its name, endpoint name, id or file')
  .option('-i, --input <text>', 'the chat input')
  .option('--stream', 'show the answer as it comes')
  .option('--session <id>', 'the chat session')
  .option('--tweaks <json>', 'values for this run only, as a JSON object by node id')
  .action(
    act((output, common, flow: string, options: Parameters<typeof run>[2]) =>
      run(connect(common), flow, options, output),
    ),
  );

program
  .command('runs')
  .description('list runs, newest first')
  .option('--flow <flow>', 'only runs of this flow')
  .option('--status <status>', `only runs in this state: ${Object.values(RunStatus).join(', ')}`)
  .option('--limit <n>', 'how many runs, at most 500', '20')
  .action(
    act((output, common, options: Parameters<typeof runs>[1]) => runs(connect(common), options, output)),
  );

program
  .command('trace <run>')
  .description('show the steps of a run, as a tree with times and tokens and as a Mermaid flowchart')
  .option('--tree', 'only the tree')
  .option('--mermaid', 'only the flowchart')
  .action(
    act((output, common, runId: string, options: { tree?: boolean; mermaid?: boolean }) =>
      trace(connect(common), runId, options, output),
    ),
  );

program
  .command('cancel <run>')
  .description('cancel a run')
  .action(act((output, common, runId: string) => cancel(connect(common), runId, output)));

program
  .command('retention')
  .description('show how long each kind of data is kept, and how much is due for removal; removes nothing')
  .option('--plan', 'show the plan, as without this option')
  .action(act((output, common) => retention(connect(common), output)));

const secrets = program
  .command('secrets')
  .description('show and rotate the keys that seal what is secret; needs organisation:write');
secrets
  .command('status')
  .description('show the data keys of the organisation, and what is still to be sealed with the current one')
  .action(act((output, common) => showSecrets(connect(common), output)));
secrets
  .command('rotate-data')
  .description('make a new data key; what older ones sealed is sealed again in the background')
  .action(act((output, common) => rotateData(connect(common), output)));
secrets
  .command('rotate-master')
  .description('wrap every data key with the newest master key, so that older ones can be removed')
  .action(act((output, common) => rotateMaster(connect(common), output)));

declareAudit(program);
declareWebhooks(program);

const vars = program.command('vars').description('list, set and delete the variables that flows read');
vars
  .command('list', { isDefault: true })
  .description('list variables; the values of secrets are hidden')
  .action(act((output, common) => listVars(connect(common), output)));
vars
  .command('set <name> [value]')
  .description(
    'set a variable; a value that is not on the command line is asked for, or read from stdin if that is no terminal',
  )
  .option('--generic', 'the value is not a secret and may be shown')
  .option(
    '--allow-host <host>',
    'a host to which the value may be sent, in addition to those that flows name; may be repeated; "" empties the list',
    (host: string, before: readonly string[] | undefined) => [...(before ?? []), host],
  )
  .action(
    act((output, common, name: string, value: string | undefined, options: VariableOptions) =>
      setVar(connect(common), name, value, options, output),
    ),
  );
vars
  .command('delete <name>')
  .description('delete a variable')
  .action(act((output, common, name: string) => deleteVar(connect(common), name, output)));

declareKeys(program.command('keys'));

program
  .command('signing-key <service>')
  .description('make the key with which a service signs its messages, and its public key; needs no server')
  .action(act((output, _common, service: string) => makeSigningKey(service, output)));

declareAccess(program);
declareAdmin(program);
declareOrganisation(program);
declarePeople(program);
declareOAuth(program);

function namedFiles(named: readonly string[], endings: readonly string[], output: Output): string[] {
  return listFiles(named, endings, (text) => output.progress(text));
}

function noFiles(): never {
  throw new Error(
    'nothing to import: name files or folders, or a running Langflow with --from URL --key KEY',
  );
}

describeJson(program);
pointAtHelp(program);
await program.parseAsync();
