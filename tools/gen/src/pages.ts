import { OrganisationFile, busPermissions, contracts, errors, holderOf, ownerOf } from '@causeway/contracts';
import type { Contract } from '@causeway/contracts';
import { z } from 'zod';

/** One file that is generated from code. */
export interface Page {
  /** Relative to the repository. */
  readonly path: string;
  readonly text: string;
}

const warning = '<!-- Written by `npm run gen`. Change the code it is made from instead. -->';

/** Every page that is generated from contracts alone. */
export function contractPages(): Page[] {
  return [
    { path: 'libs/contracts/SUBJECTS.md', text: subjectsPage() },
    { path: 'libs/contracts/ERRORS.md', text: errorsPage() },
    { path: 'libs/contracts/contracts.snapshot.json', text: snapshot() },
    { path: 'libs/contracts/bus-permissions.json', text: permissionsPage() },
    { path: 'tools/cli/organisation-file.schema.json', text: organisationFileSchema() },
  ];
}

function subjectsPage(): string {
  const owners = [...new Set(contracts.map(ownerOf))].sort();
  const sections = owners.map((owner) => {
    const rows = contracts
      .filter((contract) => ownerOf(contract) === owner)
      .map((contract) => `| \`${contract.subject}\` | ${peersOf(contract)} | ${describe(contract)} |`);
    return `## ${owner}\n\n| subject | from, or to | kind |\n|---|---|---|\n${rows.join('\n')}`;
  });
  return `${warning}\n\n# Subjects\n\nEvery message between services, by the service that owns it: the owner receives requests and doorbells, and sends broadcasts. The second column names who may send a request or a doorbell, or listen to a broadcast: \`bus-permissions.json\` is made from it. Payloads are in \`contracts.snapshot.json\`.\n\n${sections.join('\n\n')}\n`;
}

function peersOf(contract: Contract): string {
  const peers =
    contract.kind === 'live' ? `to ${contract.to.join(', ')}` : `from ${contract.from.join(', ')}`;
  const holder = holderOf(contract);
  if (holder === ownerOf(contract)) return peers;
  return contract.kind === 'live' ? `by ${holder} ${peers}` : `${peers} to ${holder}`;
}

function describe(contract: Contract): string {
  if (contract.kind === 'req') return `request; the sender waits ${contract.timeoutMs} ms`;
  if (contract.kind === 'cmd')
    return `doorbell; sent again after ${contract.ackWaitMs} ms without an acknowledgement, ${contract.maxDeliver} times in all`;
  return contract.keyed ? 'broadcast; one more token in the subject names the object' : 'broadcast';
}

/** The files that `causeway apply` reads, for editors. */
function organisationFileSchema(): string {
  return `${JSON.stringify(z.toJSONSchema(OrganisationFile, { io: 'input' }), null, 2)}\n`;
}

/** What the NATS login of each service may do. `npm start` reads this file, and so can the configuration of another NATS server. */
function permissionsPage(): string {
  const owners = contracts.flatMap((contract) => [ownerOf(contract), holderOf(contract)]);
  const senders = contracts.flatMap((contract) => (contract.kind === 'live' ? contract.to : contract.from));
  const services = [...new Set([...owners, ...senders])].sort();
  const entries = services.map((service) => [service, busPermissions(service, contracts)]);
  return `${JSON.stringify(Object.fromEntries(entries), null, 2)}\n`;
}

function errorsPage(): string {
  const rows = Object.entries(errors).map(
    ([code, { status, retry, level, message }]) =>
      `| \`${code}\` | ${status} | ${retry} | ${level} | ${message.replaceAll('|', '\\|')} |`,
  );
  return `${warning}\n\n# Error codes\n\n\`retry: later\` means that the same request may succeed when it is sent again unchanged.\n\n| code | status | retry | log level | message |\n|---|---|---|---|---|\n${rows.join('\n')}\n`;
}

function snapshot(): string {
  const shape = (schema: z.ZodType, io: 'input' | 'output'): unknown =>
    z.toJSONSchema(schema, { io, unrepresentable: 'any' });
  const entries = contracts.map((contract) => [
    contract.subject,
    {
      kind: contract.kind,
      input: shape(contract.input, 'input'),
      ...(contract.kind === 'req' && {
        ...(contract.needs && { needs: contract.needs }),
        ...(contract.perObject && { perObject: true }),
        ...(contract.from.includes('gateway') && { gatewayActsFor: contract.gatewayActsFor }),
        reply: shape(contract.reply, 'output'),
      }),
    },
  ]);
  return `${JSON.stringify(Object.fromEntries(entries), null, 2)}\n`;
}
